/// The SQLSTATE codes that the programs react to, by the condition names of PostgreSQL's manual (Appendix A, "PostgreSQL Error Codes").
public enum SQLState {
  // Class 08, Connection Exception
  public static let protocolViolation = "08P01"
  // Class 0A, Feature Not Supported
  public static let featureNotSupported = "0A000"
  // Class 21, Cardinality Violation
  public static let cardinalityViolation = "21000"
  // Class 22, Data Exception
  public static let characterNotInRepertoire = "22021"
  public static let invalidParameterValue = "22023"
  // Class 23, Integrity Constraint Violation
  public static let foreignKeyViolation = "23503"
  // Class 25, Invalid Transaction State
  public static let readOnlySQLTransaction = "25006"
  public static let inFailedSQLTransaction = "25P02"
  public static let idleInTransactionSessionTimeout = "25P03"
  // Class 28, Invalid Authorization Specification
  public static let invalidAuthorizationSpecification = "28000"
  public static let invalidPassword = "28P01"
  // Class 3D, Invalid Catalog Name
  public static let invalidCatalogName = "3D000"
  // Class 40, Transaction Rollback
  public static let serializationFailure = "40001"
  public static let deadlockDetected = "40P01"
  // Class 42, Syntax Error or Access Rule Violation
  public static let insufficientPrivilege = "42501"
  public static let syntaxError = "42601"
  public static let undefinedColumn = "42703"
  public static let undefinedObject = "42704"
  public static let datatypeMismatch = "42804"
  public static let undefinedFunction = "42883"
  public static let generatedAlways = "428C9"
  public static let undefinedTable = "42P01"
  public static let invalidColumnReference = "42P10"
  public static let invalidTableDefinition = "42P16"
  // Class 53, Insufficient Resources
  public static let diskFull = "53100"
  public static let outOfMemory = "53200"
  public static let tooManyConnections = "53300"
  public static let configurationLimitExceeded = "53400"
  // Class 55, Object Not In Prerequisite State
  public static let lockNotAvailable = "55P03"
  // Class 57, Operator Intervention
  public static let queryCanceled = "57014"
  public static let adminShutdown = "57P01"
  public static let crashShutdown = "57P02"
  public static let cannotConnectNow = "57P03"
  public static let databaseDropped = "57P04"
  public static let idleSessionTimeout = "57P05"

  /// The first two characters of a code.
  public enum Class {
    public static let connectionException = "08"
    public static let dataException = "22"
    public static let integrityConstraintViolation = "23"
    public static let invalidAuthorizationSpecification = "28"
    public static let insufficientResources = "53"
    public static let programLimitExceeded = "54"
    /// Errors outside the server, such as I/O.
    public static let systemError = "58"
    public static let plpgSQLError = "P0"
  }

  /// The beginning of the codes with which the server ends sessions; of the rest of class 57 is only ``queryCanceled``.
  public static let shutdownPrefix = "57P"
}
