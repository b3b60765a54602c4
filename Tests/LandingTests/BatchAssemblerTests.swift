import Testing

@testable import Landing

@Suite struct BatchAssemblerTests {
  private let start = ContinuousClock.now

  private func add(_ messages: Int, to assembler: BatchAssembler) { assembler.current.counts.received += messages }

  @Test func `a batch is full by its messages; in isolation mode by fewer`() {
    var assembler = BatchAssembler(maxRows: 10, maxAge: 1)
    assembler.begin((isIsolating: false, blamesRetriableErrors: false))
    add(9, to: assembler)
    #expect(!assembler.isFull(isolationRows: 4))
    add(1, to: assembler)
    #expect(assembler.isFull(isolationRows: 4))
    assembler.rewind()
    assembler.begin((isIsolating: true, blamesRetriableErrors: false))
    add(3, to: assembler)
    #expect(!assembler.isFull(isolationRows: 4))
    add(1, to: assembler)
    #expect(assembler.isFull(isolationRows: 4))
  }

  @Test func `a batch is due by the age of its first message, or at once when nothing more is at hand`() {
    var assembler = BatchAssembler(maxRows: 10, maxAge: 1)
    #expect(!assembler.isDue(hasOffsetCommits: false, isDrained: true, at: start), "there is nothing to write")
    #expect(assembler.isDue(hasOffsetCommits: true, isDrained: true, at: start), "a gap has to be stored")
    #expect(!assembler.isDue(hasOffsetCommits: true, isDrained: false, at: start + .seconds(9)), "a gap has time until the next message")
    assembler.recordPoll(at: start - .seconds(5))
    add(1, to: assembler)
    assembler.recordPoll(at: start)
    assembler.recordPoll(at: start + .seconds(0.5))
    #expect(!assembler.isDue(hasOffsetCommits: true, isDrained: false, at: start + .seconds(0.9)))
    #expect(assembler.isDue(hasOffsetCommits: true, isDrained: false, at: start + .seconds(1)))
    #expect(assembler.isDue(hasOffsetCommits: true, isDrained: true, at: start))
  }

  @Test func `a submitted batch has its offsets and counts, and the next one is empty`() {
    var assembler = BatchAssembler(maxRows: 10, maxAge: 1)
    assembler.begin((isIsolating: true, blamesRetriableErrors: true))
    add(3, to: assembler)
    let commit = OffsetCommit(partition: 0, expected: nil, next: 3, last: nil)
    let batch = assembler.submit([commit], isDurable: false)
    #expect(batch.offsetCommits == [commit] && batch.counts.received == 3 && batch.counts.batches == 1)
    #expect(batch.isIsolating && batch.blamesRetriableErrors && !batch.isDurable)
    #expect(batch === assembler.inFlight && batch !== assembler.current)
    #expect(
      assembler.current.isEmpty && assembler.current.offsetCommits == [] && assembler.current.isDurable && !assembler.current.isIsolating)
    #expect(
      !assembler.isDue(hasOffsetCommits: true, isDrained: false, at: start + .seconds(60)), "its age counts from its own first message")
  }

  @Test func `a rewind discards what was not submitted, and leaves what is in flight`() {
    var assembler = BatchAssembler(maxRows: 10, maxAge: 1)
    add(3, to: assembler)
    let batch = assembler.submit([OffsetCommit(partition: 0, expected: nil, next: 3, last: nil)], isDurable: true)
    add(2, to: assembler)
    assembler.rewind()
    #expect(assembler.current.isEmpty && batch.counts.received == 3)
  }

  @Test func `a batch without messages commits the offsets it is given, durably`() {
    var assembler = BatchAssembler(maxRows: 10, maxAge: 1)
    add(3, to: assembler)
    _ = assembler.submit([OffsetCommit(partition: 0, expected: nil, next: 3, last: nil)], isDurable: false)
    let commit = OffsetCommit(partition: 0, expected: 3, next: 3, last: nil)
    let batch = assembler.submitWithoutMessages([commit])
    #expect(batch.offsetCommits == [commit] && batch.counts == SinkSummary() && batch.isDurable)
    #expect(assembler.submitWithoutMessages().offsetCommits == [])
  }
}
