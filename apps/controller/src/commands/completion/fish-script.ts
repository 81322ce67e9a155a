/** Fish takes `name<tab>note` as it is. A word not begun yet must be passed as an empty one, not left out. */
export const FISH_SCRIPT = String.raw`# scriptmesh completion for fish. In ~/.config/fish/config.fish:  scriptmesh completion fish | source
function __scriptmesh_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    test (count $current) -eq 0; and set current ''
    command scriptmesh __complete -- $words[2..-1] $current 2>/dev/null
end
complete -c scriptmesh -e
complete -c scriptmesh -f -a '(__scriptmesh_complete)'
complete -c scriptmesh -l api-key-file -r -F
`;
