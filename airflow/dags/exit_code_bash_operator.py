"""A BashOperator that knows the exit codes of the project's programs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook, SubprocessResult
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk.exceptions import AirflowFailException

#: Exit codes that a retry cannot change, and their meaning. Airflow retries the others (69 unavailable; 70; 130 and 143 stopped).
NON_RETRYABLE_EXIT_CODES = {
    64: "usage error: unknown option or property",
    65: "bad data",
    66: "input not found",
    73: "the output cannot be written",
    77: "unauthorized: password or permissions",
    78: "invalid or unsupported description, or incompatible table",
}


class ExitCodeBashOperator(BashOperator):
    """Runs a bash command. Exit code 99 skips the task; a code in `NON_RETRYABLE_EXIT_CODES` fails it without a retry."""

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        return _ExitCodeHook()


class _ExitCodeHook(SubprocessHook):
    def run_command(self, *arguments: Any, **options: Any) -> SubprocessResult:
        result = super().run_command(*arguments, **options)
        if meaning := NON_RETRYABLE_EXIT_CODES.get(result.exit_code):
            raise AirflowFailException(f"exit code {result.exit_code}, {meaning}. See the log above. Not retried.")
        return result
