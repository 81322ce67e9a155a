/** Works from a file named _scriptmesh in $fpath and sourced alike. `_describe` takes `name:note`, so colons are escaped. */
export const ZSH_SCRIPT = String.raw`#compdef scriptmesh
# scriptmesh completion for zsh. In ~/.zshrc after compinit:  source <(scriptmesh completion zsh)
_scriptmesh() {
  local -a lines candidates
  local line name tab=$'\t'
  lines=("${'$'}{(@f)$(command scriptmesh __complete -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${'$'}{(@)lines}"; do
    [[ -n "$line" ]] || continue
    name="${'$'}{line%%$tab*}"
    candidates+=("${'$'}{name//:/\\:}:${'$'}{line#*$tab}")
  done
  if (( ${'$'}{#candidates} )); then
    _describe scriptmesh candidates
  elif [[ "${'$'}{words[CURRENT-1]}" == --*-file ]]; then
    _files
  fi
}
if [[ "${'$'}{funcstack[1]}" == _scriptmesh ]]; then
  _scriptmesh "$@"
else
  compdef _scriptmesh scriptmesh
fi
`;
