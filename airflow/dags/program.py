"""An operator for the project's programs: a BashOperator that knows their exit codes."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook, SubprocessResult
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk.exceptions import AirflowFailException

#: Exit codes that another try would end with again, and what they mean. The others (69: not reachable, 70, 130, 143: stopped) are retried.
FINAL = {
    64: "usage: unknown option or property",
    65: "bad data",
    66: "no such input",
    73: "the output cannot be written",
    77: "refused: password or rights",
    78: "the dataset's description or the table does not fit",
}


class Program(BashOperator):
    """Runs bash with one of our programs in it. Exit 99 skips the task; the codes in `FINAL` fail it at once, without a retry."""

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        return _ProgramHook()


class _ProgramHook(SubprocessHook):
    def run_command(self, *arguments: Any, **options: Any) -> SubprocessResult:
        result = super().run_command(*arguments, **options)
        if meaning := FINAL.get(result.exit_code):
            raise AirflowFailException(f"exit code {result.exit_code}, {meaning}: the log above says where. Not tried again.")
        return result
