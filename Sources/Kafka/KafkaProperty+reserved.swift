extension KafkaProperty {
  /// Managed properties: the delivery guarantee depends on them, or an option sets them. Each has the alternative.
  static let managed: [String: String] = {
    let idempotence = "The producer is always idempotent and waits for all in-sync replicas."
    let offsets = "Offsets are kept in Postgres, in the transaction that lands the rows."
    let reports = "Every message's delivery is counted."
    return [
      "enable.idempotence": idempotence,
      "acks": idempotence,
      "request.required.acks": idempotence,
      "enable.gapless.guarantee": idempotence,
      "transactional.id": "Use --transactional-id, with --atomic.",
      "delivery.report.only.error": reports,
      "enable.auto.commit": offsets,
      "auto.commit.enable": offsets,
      "enable.auto.offset.store": offsets,
      "offset.store.method": offsets,
      "offset.store.path": offsets,
      "auto.offset.reset": "Offsets are kept in Postgres; --from-beginning reads the topic from its start again.",
      "isolation.level": "Only committed messages are read.",
      "enable.partition.eof": "The end of a partition is always reported.",
      "group.id": "Use --group.",
      "log.queue": "The program handles librdkafka's log itself.",
      "opaque": "The program sets it itself.",
    ]
  }()

  /// Properties of the Java client that librdkafka does not have, each with the equivalent.
  static let javaOnly: [String: String] = {
    let json = "Keys and values are always UTF-8 text and JSON; leave it out."
    let pem = "librdkafka reads PEM: set ssl.ca.location to the authority's certificate."
    let none = "librdkafka has no equivalent; leave it out."
    return [
      "key.serializer": json, "value.serializer": json, "key.deserializer": json, "value.deserializer": json,
      "sasl.jaas.config": "Set sasl.username and sasl.password.",
      "sasl.client.callback.handler.class": none,
      "sasl.login.callback.handler.class": "For OAUTHBEARER set sasl.oauthbearer.method=oidc and the properties beside it.",
      "sasl.login.class": none,
      "ssl.truststore.location": pem, "ssl.truststore.password": pem, "ssl.truststore.type": pem,
      "ssl.truststore.certificates": "Set ssl.ca.pem, or ssl.ca.location for a file.",
      "ssl.keystore.type": "A PKCS#12 file goes in ssl.keystore.location; PEM in ssl.certificate.location and ssl.key.location.",
      "ssl.keystore.key": "Set ssl.key.pem, or ssl.key.location for a file.",
      "ssl.keystore.certificate.chain": "Set ssl.certificate.pem, or ssl.certificate.location for a file.",
      "ssl.protocol": none, "ssl.provider": none, "ssl.enabled.protocols": none, "ssl.trustmanager.algorithm": none,
      "ssl.keymanager.algorithm": none, "ssl.secure.random.implementation": none,
      "security.providers": none,
      "buffer.memory": "Set queue.buffering.max.kbytes (in KiB).",
      "max.block.ms": "Use --retry-seconds.",
      "default.api.timeout.ms": "Use --retry-seconds.",
      "max.request.size": "Set message.max.bytes.",
      "partitioner.class": "Leave it out: keys go where the Java client puts them (partitioner=murmur2_random).",
      "partitioner.ignore.keys": "Set partitioner=random.",
      "send.buffer.bytes": "Set socket.send.buffer.bytes.",
      "receive.buffer.bytes": "Set socket.receive.buffer.bytes.",
      "socket.connection.setup.timeout.max.ms": "Set socket.connection.setup.timeout.ms.",
      "metadata.max.idle.ms": "Set topic.metadata.refresh.interval.ms.",
      "fetch.max.wait.ms": "Set fetch.wait.max.ms.",
      "max.poll.records": "Use --batch-rows.",
      "exclude.internal.topics": none,
      "interceptor.classes": none, "metric.reporters": none, "metrics.num.samples": none, "metrics.recording.level": none,
      "metrics.sample.window.ms": none, "auto.include.jmx.reporter": none,
    ]
  }()
}
