/// Certificates of a test authority, created by openssl: pairs of `NAME.pem` and `NAME.key`, and the authorities `ca.pem` and `other.pem`.
package struct Certificates {
  /// The folder of the files.
  package let folder: String

  /// The kinds of certificates: valid, expired, or for another host.
  package enum Name: String, CaseIterable, Sendable { case good, expired, elsewhere }

  /// Creates all certificates; throws if openssl fails.
  package init(in folder: TemporaryFolder) throws {
    self.folder = folder.path
    try Self.shell(
      """
      set -e; cd '\(folder.path)'
      for ca in ca other; do
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$ca" -keyout $ca.key -out $ca.pem
      done
      sign() {
        openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout $1.key -out $1.csr
        printf "subjectAltName=DNS:$2" > $1.ext
        openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days $3 -extfile $1.ext -out $1.pem
      }
      sign good localhost 30; sign expired localhost -1; sign elsewhere elsewhere.example 30
      """)
  }

  /// The path of a file by its name.
  package func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Installs a pair as the server's certificate and key, readable by the server's user only.
  package func install(_ name: Name, inDataFolder data: String) throws {
    try Self.shell(
      """
      set -e; cd '\(folder)'
      for file in pem:crt key:key; do
        target='\(data)'/server.${file#*:}
        cp \(name.rawValue).${file%:*} "$target.new"; chmod 600 "$target.new"; chown --reference='\(data)' "$target.new"; mv "$target.new" "$target"
      done
      """)
  }

  private static func shell(_ script: String) throws {
    let result = try run("/bin/sh", ["-c", script])
    guard result.status == 0 else { throw TestSupportError("\(result)") }
  }
}
