#!/usr/bin/env bash
# Checks the format of Swift and shell files, doc comments, docs/cli.md and the wording. A stage whose program is not installed is skipped with
# a message. Python files are checked by test-airflow.sh, which installs ruff.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Files and directories whose wording is checked.
wording_paths=(Benchmarks CHANGELOG.md CONTRIBUTING.md Fuzz README.md SECURITY.md Sources Tests docs .ci .editorconfig .env.example .gitattributes .github .dockerignore Dockerfile Makefile airflow docker-compose.yml nifi scripts)

# Perl regular expressions of wording to avoid, with a replacement.
wording=(
  '\b(told|tells?)\b|reported, logged, shown, configured'
  '\banew\b|again, recreated'
  '(\bset(s|ting)? |set_?)aside|rejected'
  '(?-i)(?<![Tt]here )\b([Ii]s|[Aa]re) none\b|is not a valid X'
  '(?<!there )\b(is|are) no (?!longer\b|more\b|less\b|different\b)[a-z]|is not a valid X, is not an X'
  "\bone's own\b|your own"
  '\bof (ours|yours)\b|our, your'
  '\bwhoever\b|the caller, the user'
  '\bby hand\b|manually'
  '\bmend(s|ed|ing)?\b|fix'
  '\bmeanwhile\b|during X'
  '\bpass(es|ed)? over\b|skip'
  '\bnought\b|zero'
  '\bfor ever\b|permanently'
  '\bin earnest\b|production settings'
  '\ba wish to\b|cancellation'
  '\bjourney\b|pipeline'
  '\bwhat one sees\b|symptom'
  '\bwhat cannot be a\b|rejected records'
  '\bfor (a person|people|machines)\b|human-readable, machine-readable'
  '\bcomplain(s|ed|ing|ts?)?\b|report'
  '\bvouch(es|ed)?\b|certify'
  '\bwhatever (dies|comes|happens)\b|even if X'
  '[«»]|quotes'
)

failed=0
stage() { printf '%s: ' "$1"; }
verdict() { if "$@"; then echo ok; else failed=1; fi; }

check_wording() {
  local entry found hint status=0 files
  mapfile -t files < <(git ls-files -- "${wording_paths[@]}" | grep -vE '^scripts/lint\.sh$|\.xml$|constraints\.txt$|\.png$|^Fuzz/corpus/')
  for entry in "${wording[@]}"; do
    found=$(grep -nHiP -- "${entry%|*}" "${files[@]}") || continue
    ((status)) || echo
    status=1 hint="    <- instead: ${entry##*|}"
    printf '%s\n' "${found//$'\n'/$hint$'\n'}$hint"
  done
  return "$status"
}

# A declaration that other targets see has a doc comment; that of a throwing function says what it throws.
check_doc_comments() {
  local files
  mapfile -t files < <(git ls-files -- 'Sources/*.swift')
  awk '
    FNR == 1 { doc = "" }
    /^ *\/\/\// { doc = doc $0; next }
    /^ *@[A-Za-z]+(\(.*\))?$/ { next }
    /^ *@[A-Za-z]+\($/ { attribute = 1 }
    attribute { if (/\)$/) attribute = 0; next }
    /^ *(@[A-Za-z]+(\([^)]*\))? +)*(public|package)(\(set\))? +([a-z]+(\(set\))? +)*(func|init|subscript|var|let|case|struct|enum|class|actor|protocol|typealias)[ (?<]/ {
      total++
      if (doc != "" && (!/(func|init)[^{]* throws/ || tolower(doc) ~ /throw|error|fail/)) good++
      else missing = missing "\n" FILENAME ":" FNR ":" $0
    }
    { doc = "" }
    END {
      printf "%d of %d public declarations, ", good, total
      if (good < 0.95 * total) { print "fewer than 95 %:" missing; exit 1 }
    }' "${files[@]}"
}

stage 'swift format'
verdict swift format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks

mapfile -t shell < <(git ls-files | while read -r file; do head -c 64 "$file" 2>/dev/null | head -1 | grep -aqE '^#!.*\b(ba)?sh\b' && echo "$file"; done)
stage 'bash -n'
verdict xargs -a <(printf '%s\n' "${shell[@]}") -n 1 bash -n

stage shellcheck
if command -v shellcheck >/dev/null; then verdict shellcheck -x "${shell[@]}"; else echo 'not installed, skipped'; fi

stage docs/cli.md
if [[ -x .build/debug/netflix ]]; then verdict scripts/generate-cli-reference.sh --check; else echo 'not built, skipped'; fi

stage 'doc comments'
if check_doc_comments; then echo ok; else failed=1; fi

stage wording
if check_wording; then echo ok; else failed=1; fi
exit "$failed"
