"""A certificate authority of the test's own (openssl), for certificates that are good and for those that are not."""

import datetime
import subprocess

CONFIGURATION = """\
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
certificate = {folder}/root.pem
private_key = {folder}/root.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
x509_extensions = server
[any]
commonName = supplied
[server]
basicConstraints = CA:false
[req]
distinguished_name = name
[name]
"""
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], check=False, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr


def utc(moment):
    return moment.strftime("%Y%m%d%H%M%SZ")


class Authority:
    """`root` is the PEM file that makes its certificates trusted."""

    def __init__(self, folder, name="Test Authority"):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.root = folder / "root.pem"
        (folder / "index.txt").write_text("")
        self.configuration = folder / "openssl.cnf"
        self.configuration.write_text(CONFIGURATION.format(folder=folder))
        openssl("req", "-x509", *KEY, "-days", "30", "-subj", f"/CN={name}", "-addext",
                "basicConstraints=critical,CA:true", "-keyout", folder / "root.key", "-out", self.root)

    def certify(self, chain, key, names, begins_in_days=-40, ends_in_days=90):
        """Writes the chain and the key of a certificate for these names ("DNS:shop.test", "IP:127.0.0.1")."""
        now = datetime.datetime.now(datetime.timezone.utc)
        request = self.folder / "request.pem"
        openssl("req", "-new", *KEY, "-config", self.configuration, "-subj", "/CN=" + names[0].partition(":")[2],
                "-addext", "subjectAltName=" + ",".join(names), "-keyout", key, "-out", request)
        openssl("ca", "-batch", "-notext", "-config", self.configuration, "-in", request, "-out", chain,
                "-startdate", utc(now + datetime.timedelta(days=begins_in_days)),
                "-enddate", utc(now + datetime.timedelta(days=ends_in_days)))
