/**
 * Runs in bash 3.2 (macOS) and later. Bash cuts words also at `=`, `:` and `@`, which stand inside our words: they are
 * put together again where COMP_LINE has no blank, and what bash has already taken is cut off from each answer.
 */
export const BASH_SCRIPT = String.raw`# scriptmesh completion for bash. In ~/.bashrc:  source <(scriptmesh completion bash)
_scriptmesh() {
  local current="${'$'}{COMP_WORDS[COMP_CWORD]}" rest="$COMP_LINE" word after i last=-1 cut
  local -a words
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word="${'$'}{COMP_WORDS[i]}"
    after="${'$'}{rest#"${'$'}{rest%%[![:space:]]*}"}"
    if ((last >= 0)) && [[ "$after" == "$rest" ]]; then
      words[last]="${'$'}{words[last]}$word"
    else
      last=$((last + 1))
      words[last]="$word"
    fi
    rest="${'$'}{after#"$word"}"
  done
  case "$current" in [=:@]) current= ;; esac
  cut="${'$'}{words[last]%"$current"}"
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    COMPREPLY+=("${'$'}{word#"$cut"}")
  done < <(command scriptmesh __complete -- "${'$'}{words[@]:1}" 2>/dev/null)
  if ((${'$'}{#COMPREPLY[@]} == 0 && last > 0)) && [[ "${'$'}{words[last - 1]}" == --*-file ]]; then
    compopt -o default 2>/dev/null
  fi
  return 0
}
complete -F _scriptmesh scriptmesh
`;
