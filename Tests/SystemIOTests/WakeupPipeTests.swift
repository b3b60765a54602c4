import Foundation
import Glibc
import SystemIO
import Testing

@Suite struct WakeupPipeTests {
  private func isReadable(_ descriptor: Int32) -> Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, 0) == 1
  }

  @Test func `a set flag stays set, its descriptor stays readable, and no wait blocks`() {
    let pipe = WakeupPipe()
    #expect(!pipe.isSet && !isReadable(pipe.descriptor))
    // More bytes than a pipe holds: setting does not block.
    for _ in 0..<100_000 { pipe.set() }
    let start = ContinuousClock.now
    for _ in 0..<2 { #expect(pipe.wait(.seconds(60)) && pipe.isSet && isReadable(pipe.descriptor)) }
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func `a wait without the flag lasts its time`() {
    let pipe = WakeupPipe()
    let start = ContinuousClock.now
    #expect(!pipe.wait(.milliseconds(30)))
    #expect(ContinuousClock.now - start >= .milliseconds(30))
    #expect(!pipe.wait(.zero))
    #expect(!pipe.wait(.seconds(-1)))
  }

  @Test func `a flag that another thread sets ends the wait`() {
    let pipe = WakeupPipe()
    let thread = Thread { pipe.set() }
    thread.start()
    #expect(pipe.wait(.seconds(60)))
  }

  @Test func `no started program inherits the ends of a pipe, and bytes pass through it`() throws {
    let ends = try Pipe.open()
    defer { close(ends.read) }
    for end in [ends.read, ends.write] { #expect(fcntl(end, F_GETFD) & FD_CLOEXEC != 0) }
    #expect(write(ends.write, "ab", 2) == 2)
    close(ends.write)
    var bytes = [UInt8](repeating: 0, count: 4)
    #expect(read(ends.read, &bytes, 4) == 2 && bytes == [0x61, 0x62, 0, 0])
    #expect(read(ends.read, &bytes, 4) == 0)
  }

  @Test func `an error has the system's message`() {
    #expect("\(SystemError(code: ENOENT))" == "No such file or directory")
    #expect(systemMessage(EACCES) == "Permission denied")
  }
}
