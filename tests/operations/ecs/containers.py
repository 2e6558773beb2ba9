"""Hypothesis strategies of container definitions that AWS's rules allow.

A container is built for a launch type, with members that this launch type takes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

ACCOUNT = "123456789012"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"
EXECUTION_ROLE, TASK_ROLE = f"{ROLES}ecsTaskExecutionRole", f"{ROLES}app-task"
ECR = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/app"
IMAGES = (
    "nginx",
    "public.ecr.aws/nginx/nginx:1.27",
    f"{ECR}:v1",
    f"{ECR}@sha256:{'0123456789abcdef' * 4}",
)
SSM, ASM = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/app", "arn:aws:secretsmanager:us-east-1"
SECRETS = (f"{SSM}/token", "/app/token", f"{ASM}:{ACCOUNT}:secret:app/token-a1B2c3")
ULIMITS = ("core", "memlock", "nofile", "nproc", "stack")

APPS = ("http", "http2", "grpc")

words = st.text("abcXYZ 019-_./=", max_size=12)
variables = st.text("ABC_", min_size=1, max_size=4)
word_lists = st.lists(words, max_size=3)
booleans = st.booleans()


class Launch(NamedTuple):
    """How a definition is meant to run."""

    network: str | None
    fargate: bool
    windows: bool = False
    compatibilities: tuple[str, ...] | None = None

    @property
    def is_bridge(self) -> bool:
        return self.network in (None, "bridge")

    @property
    def takes_shared_storage(self) -> bool:
        """Whether EFS and EBS volumes can be attached."""
        return not self.windows and "EXTERNAL" not in (self.compatibilities or ())


def rarely(draw, one_in: int) -> bool:
    """Say yes once in so many times; simple definitions go without."""
    return draw(st.integers(1, one_in)) == one_in


def sometimes(draw, strategy: st.SearchStrategy[Any], into: dict, member: str) -> None:
    """Give a member in one of three definitions; simple ones go without."""
    if rarely(draw, 3):
        into[member] = draw(strategy)


# ------------------------------------------------------------------- parts of a container


@st.composite
def secret_lists(draw, taken: set[str] = frozenset()) -> list[dict[str, str]]:
    """Secrets under names that nothing else has."""
    found = draw(st.lists(variables.filter(lambda n: n not in taken), unique=True, max_size=2))
    return [{"name": name, "valueFrom": draw(st.sampled_from(SECRETS))} for name in found]


@st.composite
def health_checks(draw) -> dict[str, Any]:
    """Health checks from the least to the most that is allowed."""
    check: dict[str, Any] = {
        "command": draw(st.sampled_from([["CMD", "true"], ["CMD-SHELL", "x"]]))
    }
    bounds = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
    for member, (low, high) in bounds.items():
        sometimes(draw, st.integers(low, high), check, member)
    return check


@st.composite
def log_configurations(draw, launch: Launch, *, execution_role: bool) -> dict[str, Any]:
    """Log drivers that need nothing beside the definition."""
    awslogs = {
        "awslogs-group": "/ecs/app",
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "app",
    }
    if launch.fargate or draw(booleans):
        log: dict[str, Any] = {"logDriver": "awslogs", "options": awslogs}
    else:
        log = {"logDriver": draw(st.sampled_from(["json-file", "syslog", "journald", "gelf"]))}
        sometimes(draw, st.just({"tag": "app"}), log, "options")
    if execution_role:
        sometimes(draw, secret_lists(), log, "secretOptions")
    return log


@st.composite
def port_mappings(draw, launch: Launch, free: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Port mappings; *free* has the ports that no container of the task has yet."""
    mappings = []
    for _ in range(draw(st.integers(0, 2))):
        protocol = draw(st.sampled_from(["tcp", "udp"]))
        port = free[protocol].pop()
        mapping: dict[str, Any] = {"containerPort": port}
        if protocol == "udp" or draw(booleans):
            mapping["protocol"] = protocol
        if (launch.is_bridge or launch.network == "awsvpc") and rarely(draw, 5):
            mapping["containerPortRange"] = f"{mapping.pop('containerPort')}-{port + 4}"
        else:
            hosts = [port, 0, port + 5] if launch.is_bridge else [port]
            sometimes(draw, st.sampled_from(hosts), mapping, "hostPort")
            if protocol == "tcp" and rarely(draw, 4):
                mapping |= {"name": f"p-{port}_x", "appProtocol": draw(st.sampled_from(APPS))}
        mappings.append(mapping)
    return mappings


@st.composite
def linux_parameters(draw, launch: Launch) -> dict[str, Any]:
    """Kernel settings; on Fargate an init process and one capability."""
    found: dict[str, Any] = {}
    sometimes(draw, booleans, found, "initProcessEnabled")
    added = ["SYS_PTRACE"] if launch.fargate else ["SYS_PTRACE", "NET_ADMIN"]
    sometimes(
        draw,
        st.fixed_dictionaries(
            {"add": st.lists(st.sampled_from(added), max_size=1), "drop": st.just(["MKNOD"])}
        ),
        found,
        "capabilities",
    )
    if not launch.fargate:
        sometimes(draw, st.integers(1, 64), found, "sharedMemorySize")
        sometimes(draw, st.integers(0, 100), found, "swappiness")
        sometimes(draw, st.integers(0, 4096), found, "maxSwap")
        sometimes(draw, st.just([{"containerPath": "/tmp/x", "size": 64}]), found, "tmpfs")
        device = {"hostPath": "/dev/fuse", "permissions": ["read", "write"]}
        sometimes(draw, st.just([device]), found, "devices")
    return found


@st.composite
def ulimit_lists(draw, launch: Launch) -> list[dict[str, Any]]:
    """Limits with the soft one below the hard one."""
    found = draw(st.lists(st.sampled_from(ULIMITS), unique=True, max_size=2))
    return [
        {"name": name, "softLimit": draw(st.integers(0, 1024)), "hardLimit": 4096}
        for name in (["nofile"] if launch.fargate else found)
    ]


# ------------------------------------------------------------------------------ a container


@st.composite
def plain_containers(draw, launch: Launch, name: str, *, execution_role: bool) -> dict[str, Any]:
    """A container with members that have nothing to do with other containers."""
    found: dict[str, Any] = {"name": name, "image": draw(st.sampled_from(IMAGES))}
    if launch.fargate and not execution_role:
        found["image"] = draw(st.sampled_from(IMAGES[:2]))
    for member in ("command", "entryPoint"):
        sometimes(draw, word_lists, found, member)
    for member in ("user", "workingDirectory"):
        sometimes(draw, st.just("/srv" if member == "workingDirectory" else "1000"), found, member)
    for member in ("readonlyRootFilesystem", "interactive", "pseudoTerminal"):
        sometimes(draw, booleans, found, member)
    labels = st.dictionaries(variables, words, max_size=2)
    sometimes(draw, labels, found, "dockerLabels")
    environment = draw(st.dictionaries(variables, words, max_size=3))
    pairs = [{"name": key, "value": value} for key, value in environment.items()]
    sometimes(draw, st.just(pairs), found, "environment")
    if execution_role:
        sometimes(draw, secret_lists(set(environment)), found, "secrets")
        files = st.just([{"value": "arn:aws:s3:::app-config/app.env", "type": "s3"}])
        sometimes(draw, files, found, "environmentFiles")
    sometimes(draw, health_checks(), found, "healthCheck")
    for member in ("startTimeout", "stopTimeout"):
        sometimes(draw, st.integers(2, 120), found, member)
    policy = st.fixed_dictionaries(
        {"enabled": booleans},
        optional={
            "ignoredExitCodes": st.lists(st.integers(0, 255), unique=True, max_size=2),
            "restartAttemptPeriod": st.integers(60, 1800),
        },
    )
    sometimes(draw, policy, found, "restartPolicy")
    sometimes(draw, st.sampled_from(["enabled", "disabled"]), found, "versionConsistency")
    if not launch.windows:
        sometimes(draw, linux_parameters(launch).filter(bool), found, "linuxParameters")
        sometimes(draw, ulimit_lists(launch), found, "ulimits")
    if execution_role or not launch.fargate:
        logs = log_configurations(launch, execution_role=execution_role)
        sometimes(draw, logs, found, "logConfiguration")
    return found


def add_what_ec2_alone_takes(draw, launch: Launch, container: dict[str, Any]) -> None:
    """Add members that Fargate refuses, and of them those that awsvpc takes."""
    sometimes(draw, booleans, container, "privileged")
    options = st.sampled_from([["no-new-privileges"], ["apparmor:strict"], ["label:type:svirt"]])
    sometimes(draw, options, container, "dockerSecurityOptions")
    gpus = st.just([{"type": "GPU", "value": "1"}])
    sometimes(draw, gpus, container, "resourceRequirements")
    if launch.is_bridge:
        sometimes(draw, st.just("host-1"), container, "hostname")
        hosts = st.just([{"hostname": "db", "ipAddress": "10.0.0.5"}])
        sometimes(draw, hosts, container, "extraHosts")
        sometimes(draw, st.just(["10.0.0.2"]), container, "dnsServers")
        sometimes(draw, st.just(["internal"]), container, "dnsSearchDomains")
        controls = st.just([{"namespace": "net.core.somaxconn", "value": "512"}])
        sometimes(draw, controls, container, "systemControls")
