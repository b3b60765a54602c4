/// A file system in memory that is soon full. Mounting one needs the right to.
package struct SmallDisk {
  package let folder: String

  package static let isPossible: Bool = {
    guard let disk = try? SmallDisk(kilobytes: 64) else { return false }
    disk.remove()
    return true
  }()

  package init(kilobytes: Int) throws {
    folder = try Self.shell(
      "d=$(mktemp -d /tmp/netflix-disk.XXXXXX); mount -t tmpfs -o size=\(kilobytes)k tmpfs $d || { rmdir $d; exit 1; }; echo $d")
  }

  package init(megabytes: Int) throws { try self.init(kilobytes: megabytes * 1024) }

  package func give(toOwnerOf path: String) throws { _ = try Self.shell("chown --reference='\(path)' \(folder)") }
  package func grow(megabytes: Int) throws { _ = try Self.shell("mount -o remount,size=\(megabytes)m \(folder)") }
  package func remove() { _ = try? Self.shell("umount \(folder) && rmdir \(folder)") }

  private static func shell(_ command: String) throws -> String {
    let result = try run("/bin/sh", ["-c", command])
    guard result.status == 0 else { throw TestSupportError("\(command): \(result)") }
    return result.output.split(separator: "\n").first.map(String.init) ?? ""
  }
}
