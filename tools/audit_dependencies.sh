#!/usr/bin/env bash
# Known vulnerabilities of what we depend on, from the public databases. It needs the internet, and says so where there
# is none. Exit code 1: something was found. 3: the databases could not be asked.
set -u
venv=.venv/audit
web=control_center/console/web
[ -x "$venv/bin/pip-audit" ] || {
  python3 -m venv "$venv" &&
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/audit.txt
} || exit 2
found=0
unasked=0
for file in runtime dev; do
  echo "== requirements/$file.txt"
  said=$("$venv/bin/pip-audit" --progress-spinner off --strict --disable-pip --no-deps --require-hashes -r "requirements/$file.txt" 2>&1)
  code=$?
  if [ $code -eq 0 ]; then echo "$said" | tail -1
  elif echo "$said" | grep -qE 'not found on PyPI|ConnectionError|Max retries|Failed to (resolve|connect)|ServiceError|Connection'; then unasked=1; echo "could not be asked"
  else found=1; echo "$said"; fi
done
for folder in "$web" tests/oidc_provider tests/onvif_device; do
  echo "== $folder/package-lock.json"
  said=$(.venv/bin/python tools/node.py npm --prefix "$folder" audit --audit-level=low 2>&1)
  code=$?
  if [ $code -eq 0 ]; then echo "$said" | tail -1
  elif echo "$said" | grep -qE 'audit endpoint|ENOTFOUND|ECONNREFUSED|EAI_AGAIN|E40[0-9]|ENOAUDIT'; then unasked=1; echo "could not be asked"
  else found=1; echo "$said"; fi
done
[ $found -eq 1 ] && exit 1
[ $unasked -eq 1 ] && { echo "The databases of vulnerabilities cannot be reached from here: run this where they can."; exit 3; }
exit 0
