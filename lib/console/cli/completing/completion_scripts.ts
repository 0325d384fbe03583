/**
 * The scripts by which shells complete: each gives the words up to the cursor to `controller __complete` and offers what
 * comes back. `complete.ts` says what that looks like.
 * @module
 */

export type Shell = "bash" | "zsh" | "fish";

export function isShell(text: string): text is Shell {
  return Object.hasOwn(COMPLETION_SCRIPTS, text);
}

/** Bash parts words at "=" and ":", too: so the words are taken from the line, and what bash has already is left out. */
const BASH = `# Completion of controller for bash
_muster_controller() {
  local line="\${COMP_LINE:0:COMP_POINT}" IFS=$' \\t\\n' words=() current kept="" value rest part
  read -ra words <<<"$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  for part in = :; do
    if [[ "$COMP_WORDBREAKS" == *"$part"* && "$current" == *"$part"* ]]; then
      rest="\${current%"$part"*}$part"
      (( \${#rest} > \${#kept} )) && kept="$rest"
    fi
  done
  COMPREPLY=()
  while IFS=$'\\t' read -r value rest; do
    case "$value" in
      :files) compopt -o filenames 2>/dev/null
        while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "\${current#"$kept"}") ;;
      :folders) compopt -o filenames 2>/dev/null
        while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -d -- "\${current#"$kept"}") ;;
      *) [[ "$value" == *= ]] && compopt -o nospace 2>/dev/null
        COMPREPLY+=("\${value#"$kept"}") ;;
    esac
  done < <("\${words[0]/#\\~/$HOME}" __complete "\${words[@]:1}" 2>/dev/null </dev/null)
}
complete -F _muster_controller controller
`;

const ZSH = `#compdef controller
# Completion of controller for zsh
_muster_controller() {
  local value help
  local -a described assigned
  while IFS=$'\\t' read -r value help; do
    case "$value" in
      :files) _files; return ;;
      :folders) _files -/; return ;;
      *=) assigned+=("\${value//:/\\\\:}\${help:+:$help}") ;;
      *) described+=("\${value//:/\\\\:}\${help:+:$help}") ;;
    esac
  done < <("\${(Q)words[1]}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)
  (( \${#described} )) && _describe controller described
  (( \${#assigned} )) && _describe controller assigned -S ''
}
if [[ "$funcstack[1]" == _controller ]]; then _muster_controller "$@"; else compdef _muster_controller controller; fi
`;

const FISH = `# Completion of controller for fish
function __muster_controller
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    for line in ($typed[1] __complete $typed[2..-1] "$current" 2>/dev/null </dev/null)
        switch $line
            case ':files*'
                __fish_complete_path "$current"
            case ':folders*'
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c controller -f -a '(__muster_controller)'
`;

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
