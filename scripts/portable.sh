#!/bin/sh
# duel in one file: this script, then the program as JavaScript, then Deno, compressed. Made by scripts/portable.ts,
# which fills in the words between at-signs.
#
# The first start unpacks both into a private folder of this user's cache and checks their digests. Later starts only
# look whether that folder is as it was left. Needs sh, dd, tail, gzip, ls, find, mkdir, mv, rm, chmod, id; and for
# SHA-256 one of sha256sum, shasum and openssl, without which the weaker cksum of POSIX takes its place.
set -uf
mask=$(umask)
umask 077
self=$0
[ -f "$self" ] || self=$(command -v -- "$0")
uid=$(id -u)
stamp='duel @VERSION@ @DENO_SHA256@ @PROGRAM_SHA256@'

complain() { printf 'duel: %s\n' "$1" >&2; }

# own FOLDER: it belongs to this user.
own() {
  set -- $(LC_ALL=C ls -ldn "$1/." 2>/dev/null)
  [ "${3-}" = "$uid" ]
}

# digest FILE: prints "sha256 HEX", "cksum CRC", or "none" where no tool is there.
digest() {
  if command -v sha256sum >/dev/null; then set -- sha256 $(sha256sum <"$1")
  elif command -v shasum >/dev/null; then set -- sha256 $(shasum -a 256 <"$1")
  elif command -v openssl >/dev/null; then set -- sha256 $(openssl dgst -sha256 -r <"$1")
  elif command -v cksum >/dev/null; then set -- cksum $(cksum <"$1")
  else set -- none ''; fi
  printf '%s %s' "$1" "$2"
}

# sizes_match FOLDER: both files are as long as they should be.
sizes_match() {
  set -- $(cd "$1" 2>/dev/null && LC_ALL=C ls -ln deno duel.js 2>/dev/null)
  [ "${5-}" = '@DENO_BYTES@' ] && [ "${14-}" = '@PROGRAM_BYTES@' ]
}

# intact FOLDER: both files have the right digests.
intact() {
  sizes_match "$1" || return 1
  case $(digest "$1/deno") in 'sha256 @DENO_SHA256@' | 'cksum @DENO_CKSUM@' | 'none ') ;; *) return 1 ;; esac
  case $(digest "$1/duel.js") in 'sha256 @PROGRAM_SHA256@' | 'cksum @PROGRAM_CKSUM@' | 'none ') ;; *) return 1 ;; esac
}

# ready FOLDER: unpacked and checked before, and not touched since; if touched, checked again.
ready() {
  [ -f "$1/checked" ] && read -r found <"$1/checked" && [ "$found" = "$stamp" ] && [ -x "$1/deno" ] || return 1
  sizes_match "$1" || return 1
  [ -z "$(find "$1/deno" "$1/duel.js" -newer "$1/checked" -print)" ] && return 0
  intact "$1" && touch "$1/checked"
}

# unpack FOLDER: files are made aside and renamed, so that a second start at the same time sees whole ones or none.
unpack() {
  mkdir -p "$1" 2>/dev/null && own "$1" && chmod 700 "$1" 2>/dev/null || return 1
  find "$1" -name 'new.*' -mtime +0 -exec rm -rf {} + 2>/dev/null
  aside=$1/new.$$.$(date +%s)
  mkdir "$aside" 2>/dev/null || return 1
  trap 'rm -rf "$aside"' EXIT
  trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
  complain "first start: unpacking into $1"
  dd if="$self" bs=@BLOCK@ skip=@PROGRAM_BLOCK@ count=@PROGRAM_BLOCKS@ 2>/dev/null >"$aside/duel.js"
  tail -c +@DENO_FROM@ "$self" 2>/dev/null | gzip -dc >"$aside/deno" 2>/dev/null
  if intact "$aside"; then
    chmod 700 "$aside/deno"
    # A folder may be mounted so that nothing in it can be started.
    if DENO_DIR=$aside "$aside/deno" --version >/dev/null 2>&1; then
      printf '%s\n' "$stamp" >"$aside/checked"
      mv -f "$aside/deno" "$1/deno" && mv -f "$aside/duel.js" "$1/duel.js" && mv -f "$aside/checked" "$1/checked"
    else
      complain "cannot start programs in $1"
      false
    fi
  else
    complain "cannot unpack into $1: the disk is full, or $self is damaged"
    false
  fi
  unpacked=$?
  rm -rf "$aside"
  trap - EXIT HUP INT TERM
  return $unpacked
}

# use CACHE: decides for this cache folder if duel can be started from there.
use() {
  cache=$1
  app=$cache/portable-@ID@
  { own "$cache" && ready "$app"; } || { mkdir -p "$cache" 2>/dev/null && own "$cache" && unpack "$app"; }
}

# use_temporary: the same among everybody's temporary files. One look at the name itself, which does not follow a link
# that another user may have put there; in a folder with the sticky bit nobody else can exchange it afterwards.
use_temporary() {
  shared=${TMPDIR:-/tmp}/duel-$uid
  mkdir "$shared" 2>/dev/null
  set -- $(LC_ALL=C ls -ldn "$shared" 2>/dev/null)
  case ${1-} in d*) ;; *) return 1 ;; esac
  [ "${3-}" = "$uid" ] && chmod 700 "$shared" && use "$shared"
}

case ${DUEL_CACHE-} in '') given= ;; /*) given=$DUEL_CACHE ;; *) given=$PWD/$DUEL_CACHE ;; esac
case ${XDG_CACHE_HOME-} in /*) xdg=$XDG_CACHE_HOME/duel ;; *) xdg= ;; esac
case ${HOME-} in /*) home=$HOME/.cache/duel ;; *) home= ;; esac
if [ -n "$given" ] && use "$given"; then :
elif [ -n "$xdg" ] && use "$xdg"; then :
elif [ -n "$home" ] && use "$home"; then :
elif use_temporary; then :
else
  complain 'found no private folder to unpack into; set DUEL_CACHE to a folder of yours with 150 MB of space'
  exit 1
fi

umask "$mask"
export DUEL_CACHE="$cache" DENO_DIR="$cache/deno" DENO_NO_UPDATE_CHECK=1
exec "$app/deno" run --no-prompt --no-config --no-lock --no-remote --no-npm \
  --allow-read --allow-write --allow-env --allow-run --allow-sys "$app/duel.js" --launch "$@"
exit 126
