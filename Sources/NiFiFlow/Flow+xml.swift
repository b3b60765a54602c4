/// The template's XML. If one of these elements is missing, NiFi rejects the template or creates an invalid processor.
extension Flow {
  func xml(hash: String) -> String {
    var xml = XMLText()
    xml.element("template", attributes: " encoding-version=\"1.3\"") { xml in
      xml.leaf("description", "\(fileName): each row as a JSON message on the Kafka topic \(resource.topic)")
      xml.leaf("name", name)
      xml.element("snippet") { xml in
        xml.element("processGroups") { xml in
          xml.leaf("id", id("group"))
          position(0, 0, in: &xml)
          xml.leaf("comments", comments(hash: hash))
          xml.element("contents") { contents(in: &$0) }
          xml.leaf("name", name)
          xml.element("variables") { xml in
            for variable in variables { xml.entry(variable.name, variable.value) }
          }
        }
      }
      xml.leaf("timestamp", "01/01/2025 00:00:00 UTC")
    }
    return xml.text
  }

  private func contents(in xml: inout XMLText) {
    connection("file", "csv-file", from: ("source", "PROCESSOR"), "success", to: ("publisher", "PROCESSOR"), in: &xml)
    // A funnel without an outgoing connection: rows that could not be published stay in its queue, which is visible in the group's status.
    connection("failed", "publish-failed", from: ("publisher", "PROCESSOR"), "failure", to: ("failures", "FUNNEL"), in: &xml)
    service("reader", "\(resource.name)-csv-reader", "org.apache.nifi.csv.CSVReader", reader.properties, in: &xml)
    service("writer", "\(resource.name)-json-writer", "org.apache.nifi.json.JsonRecordSetWriter", writer, in: &xml)
    xml.element("funnels") { xml in
      head("failures", in: &xml)
      position(800, 500, in: &xml)
    }
    xml.element("processors") { xml in
      head("source", in: &xml)
      position(400, 0, in: &xml)
      bundle("nifi-standard-nar", in: &xml)
      config(
        source, period: "1 day", "Run it once (right click). If it keeps running, it reads the file again whenever NiFi starts.", in: &xml)
      xml.leaf("name", "read-\(resource.name)-csv")
      relationship("success", ends: false, in: &xml)
      xml.leaf("type", "org.apache.nifi.processors.standard.GetFile")
    }
    xml.element("processors") { xml in
      head("publisher", in: &xml)
      position(400, 400, in: &xml)
      bundle("nifi-kafka-2-6-nar", in: &xml)
      let key = key.map { "with the key \($0.column)" } ?? "without a key"
      config(publisher, period: "0 sec", "One message per row, \(key). All rows of a file are in one transaction.", in: &xml)
      xml.leaf("name", "publish-\(resource.name)")
      relationship("failure", ends: false, in: &xml)
      relationship("success", ends: true, in: &xml)
      xml.leaf("type", "org.apache.nifi.processors.kafka.pubsub.PublishKafkaRecord_2_6")
    }
  }

  private func head(_ part: String, in xml: inout XMLText) {
    xml.leaf("id", id(part))
    xml.leaf("parentGroupId", id("group"))
  }

  private func position(_ x: Int, _ y: Int, in xml: inout XMLText) {
    xml.element("position") { xml in
      xml.leaf("x", "\(x).0")
      xml.leaf("y", "\(y).0")
    }
  }

  private func bundle(_ artifact: String, in xml: inout XMLText) {
    xml.element("bundle") { xml in
      xml.leaf("artifact", artifact)
      xml.leaf("group", "org.apache.nifi")
      xml.leaf("version", "1.28.1")
    }
  }

  private func relationship(_ name: String, ends: Bool, in xml: inout XMLText) {
    xml.element("relationships") { xml in
      xml.leaf("autoTerminate", "\(ends)")
      xml.leaf("name", name)
    }
  }

  private func connection(
    _ part: String, _ name: String, from source: (part: String, type: String), _ relationship: String,
    to destination: (part: String, type: String), in xml: inout XMLText
  ) {
    func end(_ element: String, _ end: (part: String, type: String), in xml: inout XMLText) {
      xml.element(element) { xml in
        xml.leaf("groupId", id("group"))
        xml.leaf("id", id(end.part))
        xml.leaf("type", end.type)
      }
    }
    xml.element("connections") { xml in
      head(part, in: &xml)
      xml.leaf("backPressureDataSizeThreshold", "1 GB")
      xml.leaf("backPressureObjectThreshold", "10000")
      end("destination", destination, in: &xml)
      xml.leaf("flowFileExpiration", "0 sec")
      xml.leaf("labelIndex", "1")
      xml.leaf("name", name)
      xml.leaf("selectedRelationships", relationship)
      end("source", source, in: &xml)
      xml.leaf("zIndex", "0")
    }
  }

  private func service(
    _ part: String, _ name: String, _ type: String, _ properties: [(name: String, value: String)], in xml: inout XMLText
  ) {
    xml.element("controllerServices") { xml in
      head(part, in: &xml)
      bundle("nifi-record-serialization-services-nar", in: &xml)
      xml.leaf("name", name)
      xml.element("properties") { xml in
        for property in properties { xml.entry(property.name, property.value) }
      }
      xml.leaf("type", type)
    }
  }

  private func config(
    _ properties: [(name: String, value: String)], period: String, _ comments: String, in xml: inout XMLText
  ) {
    xml.element("config") { xml in
      xml.leaf("bulletinLevel", "WARN")
      xml.leaf("comments", comments)
      xml.leaf("concurrentlySchedulableTaskCount", "1")
      let services = ["record-reader": "RecordReaderFactory", "record-writer": "RecordSetWriterFactory"]
      if properties.contains(where: { services[$0.name] != nil }) {
        xml.element("descriptors") { xml in
          for property in properties {
            guard let service = services[property.name] else { continue }
            xml.element("entry") { xml in
              xml.leaf("key", property.name)
              xml.element("value") { xml in
                xml.leaf("identifiesControllerService", "org.apache.nifi.serialization.\(service)")
                xml.leaf("name", property.name)
              }
            }
          }
        }
      }
      xml.leaf("executionNode", "ALL")
      xml.leaf("penaltyDuration", "30 sec")
      xml.element("properties") { xml in
        for property in properties { xml.entry(property.name, property.value) }
      }
      xml.leaf("runDurationMillis", "0")
      xml.leaf("schedulingPeriod", period)
      xml.leaf("schedulingStrategy", "TIMER_DRIVEN")
      xml.leaf("yieldDuration", "1 sec")
    }
  }
}
