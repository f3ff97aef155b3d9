"""Share of planted secrets and personal data that is found, by kind: `benches/privacy_planted.py [--show]`.

500 items of each kind are made by seed, each in a line as people write it: settings, shells, programs,
JSON, outputs of notebooks (JSON in JSON), headers, logs, prose. `--show` prints what is missed.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import string
from collections.abc import Callable

from corpusforge.filter import FilterConfig
from corpusforge.filter.privacy.redaction import redact

_ALNUM, _HEX = string.ascii_letters + string.digits, "0123456789abcdef"
_ANY_FRAMES = (
    "export KEY={}", "KEY = '{}'", 'api_key="{}"', '{{"token": "{}"}}', "token: {}",
    "curl -H 'X-Key: {}' x.io",
    "# {}", "client = Client({!r})", "set KEY {}", "%env KEY={}", "os.environ['KEY'] = \"{}\"", "{}",
    "login with {} and go on", "<add key=\"k\" value=\"{}\"/>", "- name: KEY\n  value: {}", "KEY=>{},",
)  # fmt: skip
_AWS_FRAMES = (
    "export AWS_SECRET_ACCESS_KEY={}", "aws_secret_access_key = {}", "aws_secret_access_key={}\nregion = x",
    '"SecretAccessKey": "{}",', '{{"AccessKeyId": "AKIAQYLPMN5HHHFPZAM2", "SecretAccessKey": "{}"}}',
    "!aws configure set aws_secret_access_key {}", "boto3.client('s3', aws_secret_access_key='{}')",
    'os.environ["AWS_SECRET_ACCESS_KEY"] = "{}"', "docker run -e AWS_SECRET_ACCESS_KEY={} img",
    "AWS Secret Access Key [None]: {}", 'secret_key = "{}"  # aws', "  secretKey: {}  # AWS",
    "AWSSecretKey={}", "AWS_SECRET={}", "AKIAQYLPMN5HHHFPZAM2,{}", "sc._conf.set('fs.s3a.secret.key', '{}')",
    "setx AWS_SECRET_ACCESS_KEY {}", "ENV AWS_SECRET_ACCESS_KEY {}",
)  # fmt: skip
_WANDB_FRAMES = (
    "!wandb login {}", "wandb login --relogin {}", "export WANDB_API_KEY={}", "wandb.login(key='{}')",
    'os.environ["WANDB_API_KEY"] = "{}"', "%env WANDB_API_KEY={}", '"WANDB_API_KEY": "{}"', "WANDB_KEY: {}",
    "wandb_api_key = '{}'", "machine api.wandb.ai\n  login user\n  password {}", "wandb.login('never', '{}')",
)  # fmt: skip
_KAGGLE_FRAMES = (
    '{{"username":"jo","key":"{}"}}', "export KAGGLE_KEY={}", "os.environ['KAGGLE_KEY'] = \"{}\"",
    "!echo '{{\"username\":\"jo\",\"key\":\"{}\"}}' > ~/.kaggle/kaggle.json", "%env KAGGLE_KEY={}",
    'api_token = {{"username": "jo-li", "key": "{}"}}', "kaggle_key: {}",
)  # fmt: skip
_PINECONE_FRAMES = (
    "PINECONE_API_KEY={}", "pinecone.init(api_key='{}', environment='us-east1-gcp')",
    'pc = Pinecone(api_key="{}")',
    '"PINECONE_API_KEY": "{}"', "os.environ['PINECONE_API_KEY'] = '{}'",
)  # fmt: skip
_CONNECTION_FRAMES = (
    "Server=db.corp;Database=x;User Id=app;Password={};", "DRIVER={{ODBC Driver 17}};SERVER=h;UID=app;PWD={}",
    '"ConnectionString": "Data Source=10.0.0.5;Initial Catalog=x;User ID=app;Password={};Encrypt=True"',
    "conn = psycopg2.connect('host=db user=app password={} dbname=x')", "jdbc:mysql://db/x?user=app&password={}",
    'url = "jdbc:sqlserver://db:1433;databaseName=x;user=app;password={}"',
    "dsn: host=db port=5432 user=app password={}",
    "Server=tcp:x.database.windows.net,1433;Persist Security Info=False;User ID=app;Password={};",
    "Uid=app;Pwd={};Host=db;", "jdbc:postgresql://db/x?user=app&password={}&ssl=true",
)  # fmt: skip
_URL_FRAMES = (
    "postgresql://app:{}@db.corp:5432/x", "mongodb+srv://app:{}@cluster0.ab1cd.mongodb.net/x", "redis://:{}@cache:6379/0",
    "engine = create_engine('mysql+pymysql://app:{}@db/x')", "amqp://app:{}@mq:5672/", "DATABASE_URL=postgres://a:{}@h/x",
    "https://jo:{}@git.corp.io/o/r.git", "snowflake://app:{}@acct/db", "smtp://mail%40corp.io:{}@smtp.corp.io:587",
    "ftp://jo:{}@files.corp.io/",
)  # fmt: skip
_HEADER_FRAMES = (
    "Authorization: {} {}", 'headers = {{"Authorization": "{} {}"}}', "curl -H 'Authorization: {} {}' x.io",
    "headers['Authorization'] = '{} {}'", "authorization: {} {}", "Proxy-Authorization: {} {}",
    '-H "authorization:{} {}"',
    "req.Header.Set(\"Authorization\", \"{} {}\")",
    ".setHeader('Authorization', `{} {}`)", "Authorization={} {}",
)  # fmt: skip
_IP_FRAMES = (
    '{} - - [10/Oct/2021:13:55:36 +0000] "GET / HTTP/1.1" 200', "host = '{}'", "ssh root@{}",
    "Received: from x ([{}])",
    "http://{}:8080/a", "banned {} for an hour", '{{"ip": "{}"}}', "ping {}", "from {} port 22",
)  # fmt: skip
_IP6_FRAMES = ("host = '{}'", "from {} port 22", "http://[{}]:80/", '"ip": "{}"', "{} - - [x]", "ping6 {}")


def _random(choose: random.Random, signs: str, n_chars: int) -> str:
    return "".join(choose.choices(signs, k=n_chars))


def _password(choose: random.Random) -> str:
    return (
        _random(choose, _ALNUM, choose.randint(7, 14))
        + _random(choose, "!#-_.^~+", 2)
        + choose.choice(_ALNUM)
    )


def _url_password(choose: random.Random) -> str:
    end = choose.choice(("", "%40x1", "!a", "%23Q"))
    return _random(choose, _ALNUM, choose.randint(8, 18)) + end


def _basic(choose: random.Random) -> str:
    user = _random(choose, string.ascii_lowercase, 5)
    return base64.b64encode(f"{user}:{_password(choose)}".encode()).decode()


def _uuid(choose: random.Random) -> str:
    return "-".join(_random(choose, _HEX, n) for n in (8, 4, 4, 4, 12))


def _ip(choose: random.Random) -> str:
    first = choose.choice((5, 24, 45, 66, 81, 93, 104, 138, 151, 185, 212))
    return f"{first}.{choose.randint(20, 250)}.{choose.randint(0, 250)}.{choose.randint(1, 254)}"


def _ip6(choose: random.Random) -> str:
    parts = [f"{choose.randint(0x1000, 0xFFFF):x}" for _ in range(5)]
    return f"2a0{choose.randint(1, 9)}:" + ":".join(parts) + choose.choice((":1:2", "::1", ":0:beef"))


Maker = Callable[[random.Random], str]


def _of(prefix: str, signs: str, n_chars: int) -> Maker:
    return lambda choose: prefix + _random(choose, signs, n_chars)


KINDS: dict[str, tuple[tuple[str, ...], Maker]] = {
    "aws_secret": (_AWS_FRAMES, _of("", _ALNUM + "/+", 40)),
    "wandb_key": (_WANDB_FRAMES, _of("", _HEX, 40)),
    "kaggle_key": (_KAGGLE_FRAMES, _of("", _HEX, 32)),
    "databricks_token": (_ANY_FRAMES, _of("dapi", _HEX, 32)),
    "groq_key": (_ANY_FRAMES, _of("gsk" + "_", _ALNUM, 52)),
    "vault_token": (_ANY_FRAMES, _of("hvs" + ".", _ALNUM + "_-", 91)),
    "replicate_token": (_ANY_FRAMES, _of("r8" + "_", _ALNUM, 37)),
    "pinecone_key": (_ANY_FRAMES, lambda c: f"pcsk_{_random(c, _ALNUM, 5)}_{_random(c, _ALNUM, 63)}"),
    "pinecone_uuid": (_PINECONE_FRAMES, _uuid),
    "langsmith_key": (
        _ANY_FRAMES,
        lambda c: f"lsv2_{c.choice(('pt', 'sk'))}_{_random(c, _HEX, 32)}_{_random(c, _HEX, 10)}",
    ),
    "openrouter_key": (_ANY_FRAMES, _of("sk-or" + "-v1-", _HEX, 64)),
    "xai_key": (_ANY_FRAMES, _of("xai" + "-", _ALNUM, 80)),
    "connection_password": (_CONNECTION_FRAMES, _password),
    "url_password": (_URL_FRAMES, _url_password),
    "basic_header": (tuple(each.replace("{}", "Basic", 1) for each in _HEADER_FRAMES), _basic),
    "bearer_header": (
        tuple(each.replace("{}", "Bearer", 1) for each in _HEADER_FRAMES),
        _of("", _ALNUM + "-_", 40),
    ),
    "ipv4": (_IP_FRAMES, _ip),
    "ipv6": (_IP6_FRAMES, _ip6),
}  # fmt: skip


def planted(kind: str, count: int, seed: int) -> list[tuple[str, str]]:
    """Return (item, text that holds it) of a kind: bare, in a notebook's output, or between other lines."""
    frames, make = KINDS[kind]
    choose = random.Random(f"{kind}/{seed}")
    found: list[tuple[str, str]] = []
    for number in range(count):
        item = make(choose)
        text = frames[number % len(frames)].format(item)
        form = number // len(frames) % 3
        if form == 1:
            text = json.dumps({"outputs": [{"text": [text + "\n"]}]})
        elif form == 2:
            text = f"import os\n{text}\nx = 1\n"
        found.append((item, text))
    return found


def main() -> None:
    """Print the share of each kind as one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true", help="print what is missed")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    shares: dict[str, float] = {}
    for kind in KINDS:
        missed = [
            text for item, text in planted(kind, 500, options.seed) if item in redact(text, FilterConfig())[0]
        ]
        shares[kind] = 1 - len(missed) / 500
        for text in missed[:12] if options.show else ():
            print(kind, repr(text))
    print(json.dumps(shares, indent=1))


if __name__ == "__main__":
    main()
