/// Options shared by several commands, under their own heading in `--help`.
@propertyWrapper
public struct OptionGroup<Group: ParsableArguments>: ArgumentSetGroup {
  let cell: ValueBox<Group>
  let title: String?

  /// A group; `title` is its heading in `--help`, nil: no heading.
  public init(title: String? = nil) {
    cell = ValueBox(Group())
    self.title = title
  }

  /// The group's options; available after parsing.
  public var wrappedValue: Group {
    get { cell.get("OptionGroup") }
    nonmutating set { cell.value = newValue }
  }

  var rows: [ArgumentDefinition] {
    ArgumentSet.rows(of: wrappedValue).map { row in
      var row = row
      row.section = row.section ?? title
      return row
    }
  }

  func validate() throws {
    try ArgumentSet.validateGroups(of: wrappedValue)
    var group = wrappedValue
    try group.validate()
    wrappedValue = group
  }
}
