"""What docs/deploy.md tells, done: proxies in front, the unit of systemd, what Docker copies."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from index.build import build
from index.build.lists import FIRST_QUESTIONS
from index.build.owned import owner_faults, uploads
from index.build.removal import remove_articles
from index.build.withheld import read_withheld
from index.settings import Settings, describe_settings, milvus_place
from index.store import verify
from index.store.local import open_local
from qa.web.admin.builds import add_file
from qa.web.app import create_app
from qa.web.guard.connections import MOST_CONNECTIONS
from qa.web.guard.policy import read_policy
from qa.web.protocols import About
from tests.fakes import HashEncoder, no_progress
from tests.needs import program
from tests.owner_sample import BUILD
from tests.proxies import DEPLOY, NAME, block, caddy, nginx
from tests.serving import serving
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def ports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, int]]:
    """Those of the proxy, without and with TLS."""
    folder = tmp_path_factory.mktemp("proxy")
    settings = replace(Settings(), proxies="127.0.0.1", origins="*.example.org", rate="12/minute")
    policy = read_policy(settings)
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3), policy=policy)
    with serving(app) as footnote, request.param(folder, footnote) as ports:
        yield ports


@pytest.fixture
def client(ports: tuple[int, int]) -> Iterator[httpx.Client]:
    _, secure = ports
    # The name leads to this machine, whose certificate is our own.
    with httpx.Client(
        base_url=f"https://127.0.0.1:{secure}", headers={"Host": NAME}, verify=False
    ) as client:
        yield client


def test_through_a_proxy_all_faces_answer_as_the_public_name(client: httpx.Client) -> None:
    own = {"Origin": f"https://{NAME}"}
    asked = client.post("/api/ask", json={"question": "moon"}, headers=own)
    assert (asked.status_code, asked.json()["status"]) == (200, "answered")
    for path in ("/", "/docs", "/articles/space%2Fapollo-11", "/readyz"):
        response = client.get(path)
        assert response.status_code == 200
        assert response.headers["strict-transport-security"]
        assert response.headers["x-request-id"]
        assert "nginx" not in response.headers.get("x-powered-by", "")


def test_through_a_proxy_other_sites_are_refused_and_listed_ones_let_in(
    client: httpx.Client,
) -> None:
    refused = client.get("/healthz", headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    allowed = client.get("/healthz", headers={"Origin": "https://news.example.org"})
    assert allowed.headers["access-control-allow-origin"] == "https://news.example.org"


def test_through_a_proxy_numbers_are_not_public(client: httpx.Client) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("size", [70_000, 30_000_000])
def test_through_a_proxy_a_body_above_64_kb_is_refused(client: httpx.Client, size: int) -> None:
    assert client.post("/api/ask", content=b"x" * size).status_code == 413


def test_through_a_proxy_files_of_the_owner_reach_the_server(client: httpx.Client) -> None:
    refused = client.post("/admin/upload", content=b"x" * 1_000_000)
    # By Footnote itself: here nobody has signed in.
    assert refused.json()["error"]["code"] == "body_too_large"


def test_without_tls_a_proxy_leads_to_it(ports: tuple[int, int]) -> None:
    plain, _ = ports
    moved = httpx.get(f"http://127.0.0.1:{plain}/docs", headers={"Host": NAME})
    assert (moved.status_code, moved.headers["location"]) == (308, f"https://{NAME}/docs")


def test_through_a_proxy_each_reader_has_an_address_that_cannot_be_made_up(
    client: httpx.Client,
) -> None:
    statuses = [
        client.post(
            "/api/ask", json={"question": "moon"}, headers={"X-Forwarded-For": f"192.0.2.{number}"}
        ).status_code
        for number in range(16)
    ]
    assert 429 in statuses


def test_the_unit_and_the_guide_name_settings_that_exist() -> None:
    known = {variable for variable, _, _ in describe_settings()}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    named = set(re.findall(r"FOOTNOTE_[A-Z_]+", DEPLOY + dockerfile))
    assert named <= known
    assert {"FOOTNOTE_PROXIES", "FOOTNOTE_ORIGINS", "FOOTNOTE_API_KEYS"} <= named
    unit = block("ini")
    assert "User=footnote" in unit
    assert "python app.py" in unit
    assert re.search(r"^Restart=(always|on-failure)$", unit, re.MULTILINE), "one that dies is back"
    [files] = re.findall(r"^LimitNOFILE=(\d+)$", unit, re.MULTILINE)
    assert int(files) > 2 * MOST_CONNECTIONS


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    unit = tmp_path / "footnote.service"
    unit.write_text(block("ini").replace("/opt/footnote", str(tmp_path)), encoding="utf-8")
    command = [program("systemd-analyze", "systemd"), "verify", "--man=no", str(unit)]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    # What it does not know it tells, and passes.
    assert (verified.returncode, verified.stderr) == (0, "")


# What the guide calls is left to it, but for programs that only a server has.
STUBS = {
    "git": "",
    "sudo": 'shift 2\nexec "$@"',
    "systemctl": '[ "$1" != stop ] || {python} -m index remove comet --data {index}',
    "opt/.venv/bin/pip": "",
    "opt/.venv/bin/python": 'shift 2\nexec {python} -c "$BUILD" "$@"',
}


def test_after_an_upgrade_as_told_nothing_removed_is_back_and_nothing_added_is_lost(
    tmp_path: Path, data: Path, sources: Path
) -> None:
    """Another article is removed while the new index is built."""
    index = data.rename(tmp_path / "index")
    add_file(index, "heron.txt", BytesIO(b"The heron nests in April."))
    FIRST_QUESTIONS.write(index, ["When does the heron nest?"])
    build([sources, uploads(index)], index, HashEncoder(), no_progress)
    remove_articles(index, ["dam"])
    for name, lines in STUBS.items():
        path = tmp_path / (name if "/" in name else f"bin/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + lines.format(python=sys.executable, index=index))
        path.chmod(0o755)
    [told] = re.findall(r"^## Upgrading\n\n```\n(.*?)^```", DEPLOY, re.MULTILINE | re.DOTALL)
    places = {"/opt/footnote": "opt", "/var/lib/footnote": ".", "/srv/articles": str(sources)}
    for place, here in places.items():
        told = told.replace(place, str(tmp_path / here))
    environment = {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "BUILD": BUILD,
    }
    ran = subprocess.run(
        ["sh", "-e", "-c", told], capture_output=True, text=True, env=environment, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert sorted(each.id for each in open_local(index).listed()) == [
        *("bakery", "harbour", "heron", "lighthouse")
    ]
    assert {each.id for each in read_withheld(index)} == {"comet", "dam"}
    assert FIRST_QUESTIONS.read(index) == ("When does the heron nest?",)
    assert list(verify(index)) == list(owner_faults(index)) == []


def test_the_image_runs_as_its_own_user_with_a_health_check_and_a_volume() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "FROM python:3.11-slim" in lines
    assert lines.index("USER footnote") < lines.index('CMD ["python", "app.py"]')
    assert "VOLUME /data" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    copied = [line.split()[1] for line in lines if line.startswith("COPY") and "--" not in line]
    assert all((ROOT / path).exists() for path in copied)
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert kept[0] == "*"
    assert {f"!{path}" for path in copied} == {line for line in kept if line.startswith("!")}


@pytest.fixture(scope="module")
def scaled() -> dict[str, list[Any]]:
    """The documents of each file beside docs/scale.md."""
    folder = ROOT / "docs" / "scale"
    return {
        path.name: list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        for path in folder.glob("*.yaml")
    }


def test_beside_milvus_only_settings_names_and_paths_that_exist_are_told(
    scaled: dict[str, list[Any]],
) -> None:
    [composed], [deployment, service] = scaled["compose.yaml"], scaled["footnote.yaml"]
    known = {variable for variable, _, _ in describe_settings()}
    own = composed["services"]["footnote"]
    [pod] = deployment["spec"]["template"]["spec"]["containers"]
    in_pod = {each["name"]: each.get("value") for each in pod["env"]}
    for told in (own["environment"], in_pod):
        assert {name for name in told if name.startswith("FOOTNOTE_")} <= known
        assert milvus_place(Path(told["FOOTNOTE_DATA"])).name == "news"
    assert (ROOT / own["build"]["args"]["ALSO"]).is_file()
    assert service["spec"]["selector"] == deployment["spec"]["template"]["metadata"]["labels"]
    probed = [pod[probe]["httpGet"]["path"] for probe in ("readinessProbe", "livenessProbe")]
    assert probed == ["/readyz", "/healthz"]


def test_milvus_asks_for_the_password_that_footnote_has(scaled: dict[str, list[Any]]) -> None:
    [milvus], [composed] = scaled["milvus.yaml"], scaled["compose.yaml"]
    assert milvus["common"]["security"] == {"authorizationEnabled": True}
    asked = composed["services"]["milvus"]["environment"]["COMMON_SECURITY_DEFAULTROOTPASSWORD"]
    assert (
        composed["services"]["footnote"]["environment"]["FOOTNOTE_MILVUS_TOKEN"] == f"root:{asked}"
    )


def test_nobody_outside_reaches_a_milvus_that_speaks_without_tls(
    scaled: dict[str, list[Any]],
) -> None:
    [composed], [values] = scaled["compose.yaml"], scaled["values.yaml"]
    published = {name for name, told in composed["services"].items() if "ports" in told}
    assert published == {"footnote"}
    assert composed["networks"]["store"] == {"internal": True}
    assert values["service"]["type"] == "ClusterIP"


def test_what_the_image_holds_is_all_that_the_commands_need(tmp_path: Path) -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith(("COPY app", "COPY index", "COPY qa")):
            _, source, target = line.split()
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, tmp_path / target)
    # All at once: each spends its time on imports.
    started = [
        subprocess.Popen(
            [sys.executable, "-B", *command, "--help"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in (["app.py"], ["-m", "qa"], ["-m", "index"])
    ]
    told = [each.communicate()[1] for each in started]
    assert [each.returncode for each in started] == [0, 0, 0]
    assert told == ["", "", ""]
