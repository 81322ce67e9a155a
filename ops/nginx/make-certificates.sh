#!/bin/sh
# make-certificates.sh FOLDER: an authority (ca.pem) and a certificate of the server signed by it (server.pem, server.key), made once.
# The certificate is made anew when it ends within 30 days or when the names differ. A server.key that came without our
# ca.key is somebody's own and left alone. Keys are 0600: the server's belongs to SCRIPT_MESH_TLS_OWNER (uid:gid) where that is given.
set -eu
cd "$1"
umask 077
names="localhost 127.0.0.1 ::1 nginx ${SCRIPT_MESH_SERVER_NAMES:-}"

subject_names() {
  separator=
  for name in $names; do
    case $name in
    *:* | *[0-9].*[0-9].*[0-9].*[0-9]) printf '%sIP:%s' "$separator" "$name" ;;
    *) printf '%sDNS:%s' "$separator" "$name" ;;
    esac
    separator=,
  done
}
is_current() {
  [ -e server.key ] && [ "$(cat names 2>/dev/null)" = "$(subject_names)" ] && openssl x509 -in server.pem -noout -checkend 2592000 >/dev/null
}
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256; }

if [ -e server.key ] && [ ! -e ca.key ]; then
  echo "server.key is not ours; it is left as it is"
  exit 0
fi
if [ ! -e ca.pem ]; then
  new_key >ca.key
  openssl req -x509 -new -key ca.key -subj '/CN=ScriptMesh authority of this installation' -days 3650 \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' -out ca.new
  chmod 644 ca.new && mv ca.new ca.pem
fi
if is_current; then
  echo "the certificate is there"
  exit 0
fi
new_key >server.key.new
{
  echo "subjectAltName=$(subject_names)"
  echo 'basicConstraints=critical,CA:FALSE'
  echo 'extendedKeyUsage=serverAuth'
} >extensions
openssl req -new -key server.key.new -subj '/CN=scriptmesh' |
  openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 397 -extfile extensions -out server.pem.new
rm extensions
[ -z "${SCRIPT_MESH_TLS_OWNER:-}" ] || chown "$SCRIPT_MESH_TLS_OWNER" server.key.new
chmod 644 server.pem.new
rm -f names
mv server.key.new server.key
mv server.pem.new server.pem
subject_names >names
echo "made a certificate for $(cat names)"
