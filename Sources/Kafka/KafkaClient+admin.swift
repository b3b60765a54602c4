import CRdKafka

/// librdkafka's admin requests: the response to a request arrives as an event on a separate queue.
extension KafkaClient {
  func configuration(
    of topic: String, milliseconds: Int32, isStopped: () -> Bool = { false }
  ) throws(KafkaError) -> [String: String] {
    var resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
    defer { rd_kafka_ConfigResource_destroy(resource) }
    return try performAdminRequest(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, topic: topic, milliseconds: milliseconds, isStopped: isStopped) {
      options, queue in
      rd_kafka_DescribeConfigs(handle, &resource, 1, options, queue)
    } answer: { event throws(KafkaError) in
      var count = 0
      let resources = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count)
      guard count > 0, let resource = resources?[0] else { return [:] }
      let code = rd_kafka_ConfigResource_error(resource)
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, place: .init(topic: topic)) }
      let entries = rd_kafka_ConfigResource_configs(resource, &count)
      var settings: [String: String] = [:]
      for index in 0..<count {
        guard let entry = entries?[index], let name = rd_kafka_ConfigEntry_name(entry) else { continue }
        settings[String(cString: name)] = rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) }
      }
      return settings
    }
  }

  func createTopic(
    _ topic: String, partitions: Int32, replicas: Int32, configuration: [String: String], milliseconds: Int32
  ) throws(KafkaError) {
    var reason = [CChar](repeating: 0, count: 512)
    var request = rd_kafka_NewTopic_new(topic, partitions, replicas, &reason, reason.count)
    guard request != nil else { throw .usage("topic \(topic): \(String(buffer: reason))", advice: nil) }
    defer { rd_kafka_NewTopic_destroy(request) }
    for (name, value) in configuration { rd_kafka_NewTopic_set_config(request, name, value) }
    try performAdminRequest(RD_KAFKA_ADMIN_OP_CREATETOPICS, topic: topic, milliseconds: milliseconds) { options, queue in
      rd_kafka_CreateTopics(handle, &request, 1, options, queue)
    } answer: { event throws(KafkaError) in
      var count = 0
      try check(rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count), count, topic)
    }
  }

  func deleteTopic(_ topic: String, milliseconds: Int32) throws(KafkaError) {
    var request = rd_kafka_DeleteTopic_new(topic)
    defer { rd_kafka_DeleteTopic_destroy(request) }
    try performAdminRequest(RD_KAFKA_ADMIN_OP_DELETETOPICS, topic: topic, milliseconds: milliseconds) { options, queue in
      rd_kafka_DeleteTopics(handle, &request, 1, options, queue)
    } answer: { event throws(KafkaError) in
      var count = 0
      try check(rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count), count, topic)
    }
  }

  private func check(_ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ topic: String) throws(KafkaError) {
    for index in 0..<count {
      guard let result = results?[index] else { continue }
      let code = rd_kafka_topic_result_error(result)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { continue }
      let reason = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
      throw KafkaError(code, reason: reason, place: .init(topic: topic))
    }
  }

  func performAdminRequest<Answer>(
    _ operation: rd_kafka_admin_op_t, topic: String, milliseconds: Int32, isStopped: () -> Bool = { false },
    _ send: (OpaquePointer?, OpaquePointer?) -> Void,
    answer: (OpaquePointer) throws(KafkaError) -> Answer
  ) throws(KafkaError) -> Answer {
    let options = rd_kafka_AdminOptions_new(handle, operation)
    defer { rd_kafka_AdminOptions_destroy(options) }
    var reason = [CChar](repeating: 0, count: 512)
    rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, &reason, reason.count)
    if operation != RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS {
      // How long the controller may wait until every broker knows the change.
      rd_kafka_AdminOptions_set_operation_timeout(options, milliseconds, &reason, reason.count)
    }
    let queue = rd_kafka_queue_new(handle)
    defer { rd_kafka_queue_destroy(queue) }
    send(options, queue)
    let deadline = ContinuousClock.now + .milliseconds(Int(milliseconds) + 1000)
    repeat {
      if let event = rd_kafka_queue_poll(queue, 100) {
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
          let text = rd_kafka_event_error_string(event).map { String(cString: $0) }
          let error = KafkaError(code, reason: text, place: .init(topic: topic))
          throw error.kind == .unavailable ? context.unavailable("an admin request was not answered") : error
        }
        context.recordContact()
        return try answer(event)
      }
      try served()
    } while ContinuousClock.now < deadline && !isStopped()
    throw context.unavailable("an admin request was not answered")
  }
}
