#!/bin/sh
# Finds its own folder, through links too, and hands over to the Node beside it. Needs no other program, but readlink for a link.
self=$0
case $self in */*) ;; *) self=./$self ;; esac
while [ -L "$self" ]; do
  target=$(readlink "$self") || exit 70
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
folder=$(CDPATH='' cd -P -- "${self%/*}" && pwd) || exit 70
exec "$folder/lib/node" "$folder/lib/passk-bench.mjs" "$@"
