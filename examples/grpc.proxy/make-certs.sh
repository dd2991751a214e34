#!/bin/sh
# Makes tls/localhost.p12 (password "generated"): a key and a self-signed certificate for localhost, and the certificate as PEM beside it.
set -eu
cd "$(dirname "$0")"
mkdir -p tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=localhost \
  -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -keyout tls/localhost.key -out tls/localhost.crt 2> /dev/null
openssl pkcs12 -export -name localhost -inkey tls/localhost.key -in tls/localhost.crt -passout pass:generated -out tls/localhost.p12
rm tls/localhost.key
echo "made tls/localhost.p12"
