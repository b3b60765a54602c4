// A message decodes the same way on both parsing paths, and encoding an accepted row and decoding it again gives the same row.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = copy(data, count)
  let resource = resources[Int(bytes[0])]
  let payload = Array(bytes[1...])
  var decoder = MessageDecoder(resource: resource)
  var quick = Row()
  var general = Row()
  var quickReason: RejectReason?
  var generalReason: RejectReason?
  do throws(RejectReason) { try decoder.decode(payload.span, into: &quick) } catch { quickReason = error }
  do throws(RejectReason) { try decoder.decodeAny(payload.span, into: &general) } catch { generalReason = error }
  require(quickReason == generalReason, "two reasons: \(String(describing: quickReason)) \(String(describing: generalReason))")
  guard quickReason == nil else { return 0 }
  require(quick == general, "two rows: \(quick) \(general)")
  var message: [UInt8] = []
  MessageEncoder(resource: resource).appendValue(of: quick, to: &message)
  do throws(RejectReason) {
    try decoder.decode(message.span, into: &general)
    require(quick == general, "another row comes back")
  } catch {
    fatalError("our own message is rejected: \(error)")
  }
  return 0
}
