import Testing

@testable import NiFiFlow

@Suite("Fingerprint")
struct FingerprintTests {
  // Vectors of draft-eastlake-fnv, appendix C.
  @Test(
    arguments: [
      ("", "6c62272e07bb014262b821756295c58d"),
      ("a", "d228cb696f1a8caf78912b704e4a8964"),
      ("foobar", "343e1662793c64bf6f0d3597ba446f18"),
    ])
  func `is FNV-1a of 128 bits`(_ text: String, _ hex: String) {
    #expect(Fingerprint(text).hex == hex)
  }

  @Test func `as a UUID has version 8`() {
    #expect(Fingerprint("a").uuid == "d228cb69-6f1a-8caf-a891-2b704e4a8964")
  }
}
