import Charts
import CommonOptions
import Console
import Dashboard
import DevServices
import Forecasting
import HTTP
import Processes
import SQLite
import Warehouse

extension WarehouseError: CommandErrorConvertible {
  /// 65 for invalid data, 66 for a missing source, 78 for an unexpected layout.
  package var commandError: CommandError {
    let code: ExitCode =
      switch kind {
      case .data: .badData
      case .missing: .noInput
      case .layout: .config
      }
    return CommandError(code, message, hint: hint)
  }
}

extension ForecastingError {
  /// Bad data (65) if the series cannot be modeled; usage (64) if the requested order does not suit it.
  func failure(of location: String) -> CommandError {
    CommandError(kind == .unsupported ? .usage : .badData, "\(location): \(message)", hint: hint)
  }
}

extension ChartError: CommandErrorConvertible {
  /// 65 for a chart without values, else 73.
  package var commandError: CommandError {
    let code: ExitCode =
      switch kind {
      case .missing, .cannotWrite, .failed: .cannotCreate
      case .invalid: .badData
      }
    return CommandError(code, message, hint: hint)
  }
}

extension HTTPError: CommandErrorConvertible {
  /// The exit code of the error's kind, with its hint.
  package var commandError: CommandError { CommandError(ExitCode(kind.exitStatus), message, hint: hint) }
}

extension ChartLibrary.Missing: CommandErrorConvertible {
  /// 66 with the error's hint.
  package var commandError: CommandError { CommandError(.noInput, message, hint: hint) }
}

extension SQLiteError: CommandErrorConvertible {
  /// The exit code of the error's kind, with a hint.
  package var commandError: CommandError {
    switch kind {
    case .busy:
      CommandError(.unavailable, "\(self)", hint: "Another program holds the file's lock. Running it again can help.")
    case .cannotWrite:
      CommandError(.cannotCreate, "\(self)", hint: "Choose a file in a folder that can be written, on a disk with room.")
    case .cannotOpen:
      CommandError(.noInput, "\(self)", hint: "'netflix etl --sqlite \(file)' makes it; --from postgres reads the one that Postgres has.")
    case .notADatabase:
      CommandError(
        .badData, "\(self)",
        hint: "It is not a SQLite file, or a damaged one. Move it away; 'netflix etl --sqlite \(file)' creates it again.")
    case .constraint, .interrupted, .other:
      CommandError(.internal, "\(self)")
    }
  }
}

extension DevServicesError: CommandErrorConvertible {
  /// 69 with the error's hint.
  package var commandError: CommandError { CommandError(.unavailable, message, hint: hint) }
}

extension ProcessError: CommandErrorConvertible {
  /// 69: a program of this package or of the system could not be started.
  package var commandError: CommandError { CommandError(.unavailable, description) }
}
