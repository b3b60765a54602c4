/// A switch, for example `--json`. An integer flag counts its occurrences: `-vv`.
@propertyWrapper
public struct Flag<Value>: ArgumentSetEntry {
  let cell: ValueBox<Value>
  let names: NameSpecification
  let help: ArgumentHelp
  let take: (ValueBox<Value>) -> Void

  /// Whether, or how often, the flag was given.
  public var wrappedValue: Value {
    get { cell.get("Flag") }
    nonmutating set { cell.value = newValue }
  }

  func row(label: String) -> ArgumentDefinition {
    ArgumentDefinition(
      kind: .flag, spellings: names.spellings(label: label), valueName: "", help: help, isRepeatable: true,
      set: { [cell, take] _, _ in take(cell) })
  }
}

extension Flag where Value == Bool {
  /// A flag that is on or off.
  public init(wrappedValue: Bool = false, name: NameSpecification = .long, help: ArgumentHelp = "") {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, take: { $0.value = true })
  }
}

extension Flag where Value == Int {
  /// A flag that counts its occurrences.
  public init(wrappedValue: Int = 0, name: NameSpecification = .long, help: ArgumentHelp = "") {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, take: { $0.value = ($0.value ?? 0) + 1 })
  }
}
