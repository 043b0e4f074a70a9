#!/bin/bash
# Installs the packages on a Debian that has never seen this project, makes a call with each on the simulator, and removes
# them: ARTIFACTS REPOSITORY NODE NPM-CLI.JS DEPENDENCY.TGZ. Prints a row of a table for each thing done. Run by
# `cargo xtask release --dry-run`, inside the system.
set -euo pipefail
artifacts=$1 repository=$2 node=$3 npm=$4 dependency=$5
first=$repository/docs/start
place=$(mktemp -d)
trap 'kill "${sim:-}" 2>/dev/null || true; rm -rf "$place"' EXIT
cd "$place"

row() { printf '| %s | %s |\n' "$1" "$2"; }

# The book's first program ends with the cause of its call's end.
calls() {
  local said
  said=$("${@:2}" 127.0.0.1 "$port" ClueCon)
  [ "$(tail -n 1 <<<"$said")" = "ended: NORMAL_CLEARING" ] || { echo "$1 said: $said" >&2; exit 1; }
  row "$1" "$(sed '1s/^UP .*/UP ../' <<<"$said" | paste --serial --delimiters , | sed 's/,/, /g')"
}

row "system" "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release), $(getconf GNU_LIBC_VERSION)"

dpkg --install "$artifacts"/*.deb >/dev/null
row "\`dpkg --install\`" "$(dpkg-query --show --showformat '${Package} ${Version}, ' libesl1 libesl-dev switchwire | sed 's/, $//')"
said=$(switchwire demo)
row "\`switchwire demo\`" "$(tail -n 1 <<<"$said")"
switchwire sim --bind 127.0.0.1:0 >sim.log &
sim=$!
until [ -s sim.log ]; do sleep 0.1; kill -0 "$sim"; done
port=$(sed -n '1s/.*://p' sim.log)

cc -Wall -Werror "$first/program.c" $(pkg-config --cflags --libs libesl) -o shared
calls "C, pkg-config" ./shared
cc -Wall -Werror "$first/program.c" $(pkg-config --static --cflags --libs libesl | sed 's/-lesl/-l:libesl.a/') -o alone
calls "C, static" ./alone
cmake -S "$repository/tests/packages/cmake" -B built -DPROGRAM="$first/program.c" >/dev/null
cmake --build built >/dev/null
calls "C, CMake" built/shared
calls "C, CMake, static" built/alone
mkdir unpacked
tar --extract --gzip --strip-components=1 --directory unpacked --file "$artifacts"/libesl-*.tar.gz
cmake -S "$repository/tests/packages/cmake" -B moved -DPROGRAM="$first/program.c" -DCMAKE_PREFIX_PATH="$place/unpacked" >/dev/null
cmake --build moved >/dev/null
readelf -d moved/shared | grep -q "$place/unpacked/lib"
calls "C, the tarball by CMake" moved/shared

python3 -m venv venv
venv/bin/pip install --quiet --no-index "$artifacts"/switchwire-*.whl "$artifacts"/cli/switchwire_cli-*.whl
calls "$(python3 --version)" venv/bin/python "$first/program.py"
row "python-ESL's interface" "$(venv/bin/python -c "
import ESL, sys
connection = ESL.ESLconnection('127.0.0.1', '$port', 'ClueCon')
assert connection.connected()
print(connection.api('status').getBody().splitlines()[0])")"
row "the command by pip" "$(venv/bin/switchwire --version)"

mkdir project
echo '{ "private": true }' >project/package.json
cd project
"$node" "$npm" install --offline --no-audit --no-fund --silent "$artifacts"/node/*.tgz "$artifacts"/cli/*.tgz "$dependency"
cp "$first/program.mjs" .
calls "Node $("$node" --version)" "$node" program.mjs
row "the command by npm" "$("$node" node_modules/switchwire-cli/switchwire.js --version)"
cd ..

dpkg --remove switchwire libesl-dev libesl1 >/dev/null
left=$(find /usr -name '*esl.so*' -o -name 'esl*.h' -o -path '*/switchwire*' | grep -v "^$repository" || true)
[ -z "$left" ] || { echo "left: $left" >&2; exit 1; }
row "\`dpkg --remove\`" "nothing left under /usr"
