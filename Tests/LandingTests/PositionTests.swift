import Testing

@testable import Landing

@Suite struct PositionTests {
  @Test func `what was read is one move, and the next begins where it ended`() {
    var position = Position(partition: 3, stored: nil, end: nil)
    #expect(position.move == nil)
    position.next = 5
    position.last = Move.Last(offset: 4, timestamp: 9)
    #expect(position.move == Move(partition: 3, expected: nil, next: 5, last: Move.Last(offset: 4, timestamp: 9)))
    position.handedOver()
    #expect(position.move == nil)
    position.reached(7)
    #expect(position.move == Move(partition: 3, expected: 5, next: 7, last: nil))
    #expect(position.isAtEnd)
  }

  @Test func `a partition is done when its end at the start is read, an empty one when that is known`() {
    #expect(!Position(partition: 0, stored: 4, end: 5).isDone)
    #expect(Position(partition: 0, stored: 5, end: 5).isDone)
    #expect(!Position(partition: 0, stored: nil, end: 0).isDone)
    #expect(Position(partition: 0, stored: 0, end: 0).isDone)
    #expect(!Position(partition: 0, stored: 5, end: nil).isDone)
  }
}
