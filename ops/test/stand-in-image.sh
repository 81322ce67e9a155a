#!/usr/bin/env bash
# An image made of this machine's own files, where no registry of images can be reached. It has what ours need of the real one.
# stand-in-image.sh node TAG: for node:24-slim, with the node and the npm of the PATH.   stand-in-image.sh nginx TAG: for nginx.
set -euo pipefail
kind=$1 tag=$2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/usr/{bin,sbin,lib,lib64,local/bin,local/lib/node_modules} \
  "$root"/{etc/ssl/certs,etc/nginx,home/node,root,tmp,proc,dev,sys,run,var/log/nginx,var/lib/nginx}
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
chmod 755 "$root" && chmod 1777 "$root/tmp"

tools="sh bash cat ls cp mv rm mkdir mkfifo chmod chown chgrp ln env id sleep test true false touch echo grep sed head tail tar gzip find
  xargs sort wc date uname dirname basename readlink tr cut install mktemp ps"
for tool in $tools; do
  path=$(PATH=/usr/bin:/bin type -P "$tool") && cp -L "$path" "$root/usr/bin/$tool"
done

node_files() {
  cp -L "$(command -v node)" "$root/usr/local/bin/node"
  cp -a "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  # npm trusts what this machine trusts.
  mkdir -p "$root/usr/local/etc" && echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$root/usr/local/etc/npmrc"
  cp -L /usr/bin/tini-static "$root/usr/bin/"
}

nginx_files() {
  cp -L "$(PATH=$PATH:/usr/sbin command -v nginx)" "$root/usr/sbin/nginx"
  cp -L /etc/nginx/mime.types "$root/etc/nginx/"
  cp -L /usr/bin/openssl "$root/usr/bin/"
  mkdir -p "$root/usr/lib/ssl" && cp -L /etc/ssl/openssl.cnf "$root/etc/ssl/" && ln -s /etc/ssl/openssl.cnf "$root/usr/lib/ssl/openssl.cnf"
}

"${kind}_files"

libraries() {
  local file
  for file in "$root"/usr/{bin,sbin,local/bin}/*; do ldd "$file" 2>/dev/null | grep -oE '/[^ ]+' || true; done
  # What addons of Node and name lookups load at run time.
  ldconfig -p | grep -oE '/[^ ]+/lib(nss_files|nss_dns|resolv|rt|util|stdc\+\+|gcc_s)\.so\.[0-9]+$'
}
libraries | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")" && cp -Ln "$library" "$root$library"
done

printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nnode:x:1000:1000::/home/node:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\nnode:x:1000:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
chown 1000:1000 "$root/home/node"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
cp -L /etc/os-release "$root/etc/"
tar -C "$root" -c . | docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$tag" >/dev/null
