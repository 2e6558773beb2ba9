"""`real` time: AWS's delays on the machine's clock, and a server that a test moves on."""

from __future__ import annotations

import json
import threading
import urllib.request

import pytest

from ecrmock import Server, mock_aws
from tests.tasks.stage import NOON, Stage


@pytest.mark.parametrize("rate", [0.1, 1.0, 10.0])
def test_in_real_delays_are_realistic_times_the_rate(rate, machine):
    with mock_aws(time="real", rate=rate) as aws:
        stage = Stage(aws)
        stage.define()
        arn = stage.run()

        while stage.task(arn)["lastStatus"] != "RUNNING":
            machine[0] += 0.1 * rate

        assert (machine[0] - NOON.timestamp()) / rate == pytest.approx(19, abs=1)


def test_in_real_what_was_due_while_nobody_asked_has_happened(machine):
    with mock_aws(time="real") as aws:
        stage = Stage(aws)
        stage.define()
        arn = stage.run()

        machine[0] += 100

        assert stage.task(arn)["lastStatus"] == "RUNNING"


def test_in_real_an_appointment_takes_the_time_that_was_asked_for(machine):
    with mock_aws(time="real", rate=0.01) as aws:
        stage = Stage(aws)
        stage.define()
        aws.tasks.on_run("worker", exit_code=0, after=30)
        arn = stage.run()
        while stage.task(arn)["lastStatus"] != "RUNNING":
            machine[0] += 0.01
        machine[0] += 29
        before = stage.statuses(arn)

        machine[0] += 1

        assert (before, stage.exit_codes(arn)) == ({"app": "RUNNING"}, {"app": 0})


def test_a_real_server_is_moved_on_by_control():
    with Server(time="real") as server:
        stage = Stage(server.aws, server=server)
        stage.define()
        arn = stage.run()
        body = json.dumps({"seconds": 20}).encode()

        request = urllib.request.Request(f"{server.url}/_ecrmock/clock", data=body)
        with urllib.request.urlopen(request) as reply:
            assert reply.status == 200

        assert stage.task(arn)["lastStatus"] == "RUNNING"


def test_a_real_server_goes_on_although_nobody_asks():
    with Server(time="real", rate=0.001) as server:
        runs = threading.Event()

        def look(event):
            if event["detail"].get("lastStatus") == "RUNNING":
                runs.set()

        server.aws.events.subscribe(look, source="aws.ecs")
        stage = Stage(server.aws, server=server)
        stage.define()

        stage.run()

        assert runs.wait(timeout=3)
