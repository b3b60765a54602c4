/// A file system in memory that is soon full. Mounting one needs the right to.
public struct SmallDisk {
  public let folder: String

  public static let isPossible: Bool = {
    guard let disk = try? SmallDisk(kilobytes: 64) else { return false }
    disk.remove()
    return true
  }()

  public init(kilobytes: Int) throws {
    folder = try Self.shell(
      "d=$(mktemp -d /tmp/netflix-disk.XXXXXX); mount -t tmpfs -o size=\(kilobytes)k tmpfs $d || { rmdir $d; exit 1; }; echo $d")
  }

  public init(megabytes: Int) throws { try self.init(kilobytes: megabytes * 1024) }

  public func give(toOwnerOf path: String) throws { _ = try Self.shell("chown --reference='\(path)' \(folder)") }
  public func grow(megabytes: Int) throws { _ = try Self.shell("mount -o remount,size=\(megabytes)m \(folder)") }
  public func remove() { _ = try? Self.shell("umount \(folder) && rmdir \(folder)") }

  private static func shell(_ command: String) throws -> String {
    let result = try run("/bin/sh", ["-c", command])
    guard result.status == 0 else { throw TestSupportError("\(command): \(result)") }
    return result.output.split(separator: "\n").first.map(String.init) ?? ""
  }
}
