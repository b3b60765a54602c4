/// A switch: `--json`; as a number it counts how often it stands there: `-vv`.
@propertyWrapper
public struct Flag<Value>: OptionTableEntry {
  let cell: Cell<Value>
  let names: NameSpecification
  let help: ArgumentHelp
  let take: (Cell<Value>) -> Void

  public var wrappedValue: Value {
    get { cell.get("Flag") }
    nonmutating set { cell.value = newValue }
  }

  func row(label: String) -> OptionRow {
    OptionRow(
      kind: .flag, spellings: names.spellings(label: label), valueName: "", help: help, isRepeatable: true,
      set: { [cell, take] _, _ in take(cell) })
  }
}

extension Flag where Value == Bool {
  public init(wrappedValue: Bool = false, name: NameSpecification = .long, help: ArgumentHelp = "") {
    self.init(cell: Cell(wrappedValue), names: name, help: help, take: { $0.value = true })
  }
}

extension Flag where Value == Int {
  public init(wrappedValue: Int = 0, name: NameSpecification = .long, help: ArgumentHelp = "") {
    self.init(cell: Cell(wrappedValue), names: name, help: help, take: { $0.value = ($0.value ?? 0) + 1 })
  }
}
