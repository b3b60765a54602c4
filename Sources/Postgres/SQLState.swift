/// The SQLSTATE codes that the programs react to, by the condition names of PostgreSQL's manual (Appendix A, "PostgreSQL Error Codes").
package enum SQLState {
  // Class 08, Connection Exception
  package static let protocolViolation = "08P01"
  // Class 0A, Feature Not Supported
  package static let featureNotSupported = "0A000"
  // Class 21, Cardinality Violation
  package static let cardinalityViolation = "21000"
  // Class 22, Data Exception
  package static let characterNotInRepertoire = "22021"
  package static let invalidParameterValue = "22023"
  // Class 23, Integrity Constraint Violation
  package static let foreignKeyViolation = "23503"
  // Class 25, Invalid Transaction State
  package static let readOnlySQLTransaction = "25006"
  package static let inFailedSQLTransaction = "25P02"
  package static let idleInTransactionSessionTimeout = "25P03"
  // Class 28, Invalid Authorization Specification
  package static let invalidAuthorizationSpecification = "28000"
  package static let invalidPassword = "28P01"
  // Class 3D, Invalid Catalog Name
  package static let invalidCatalogName = "3D000"
  // Class 40, Transaction Rollback
  package static let serializationFailure = "40001"
  package static let deadlockDetected = "40P01"
  // Class 42, Syntax Error or Access Rule Violation
  package static let insufficientPrivilege = "42501"
  package static let syntaxError = "42601"
  package static let undefinedColumn = "42703"
  package static let undefinedObject = "42704"
  package static let datatypeMismatch = "42804"
  package static let undefinedFunction = "42883"
  package static let generatedAlways = "428C9"
  package static let undefinedTable = "42P01"
  package static let invalidColumnReference = "42P10"
  package static let invalidTableDefinition = "42P16"
  // Class 53, Insufficient Resources
  package static let diskFull = "53100"
  package static let outOfMemory = "53200"
  package static let tooManyConnections = "53300"
  package static let configurationLimitExceeded = "53400"
  // Class 55, Object Not In Prerequisite State
  package static let lockNotAvailable = "55P03"
  // Class 57, Operator Intervention
  package static let queryCanceled = "57014"
  package static let adminShutdown = "57P01"
  package static let crashShutdown = "57P02"
  package static let cannotConnectNow = "57P03"
  package static let databaseDropped = "57P04"
  package static let idleSessionTimeout = "57P05"

  /// The first two characters of a code.
  package enum Class {
    package static let connectionException = "08"
    package static let dataException = "22"
    package static let integrityConstraintViolation = "23"
    package static let invalidAuthorizationSpecification = "28"
    package static let insufficientResources = "53"
    package static let programLimitExceeded = "54"
    /// Errors outside the server, such as I/O.
    package static let systemError = "58"
    package static let plpgSQLError = "P0"
  }

  /// The beginning of the codes with which the server ends sessions; of the rest of class 57 is only ``queryCanceled``.
  package static let shutdownPrefix = "57P"
}
