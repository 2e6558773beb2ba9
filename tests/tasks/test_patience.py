"""Who asks again and again for what only time would change is told so, and nobody else is."""

from __future__ import annotations

import pytest

from ecrmock import mock_aws
from tests.tasks.stage import EC2, FARGATE, NOON, Stage, seconds


@pytest.mark.parametrize("launch", [FARGATE, EC2])
def test_who_asks_for_ever_is_told_that_nothing_moves(launch):
    with mock_aws(time="virtual", now=NOON) as aws:
        stage = Stage(aws, launch)
        stage.define()
        arn = stage.run()
        for _ in range(19):
            stage.task(arn)

        with pytest.warns(UserWarning, match=r"only the mock's clock changes.*aws\.clock\.advance"):
            stage.task(arn)


@pytest.mark.parametrize("script", [{}, {"exit_code": 0}], ids=["runs-on", "has-stopped"])
def test_who_asks_for_what_stays_is_told_nothing(script, instant):
    instant.define()
    if script:
        instant.aws.tasks.on_run("worker", **script)
    arn = instant.run()

    answers = [instant.task(arn) for _ in range(50)]

    assert answers == answers[:1] * 50


def test_who_lets_time_pass_between_the_questions_is_told_nothing(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", exit_code=0, after=seconds(3600))
    arn = instant.run()

    for _ in range(50):
        instant.task(arn)
        instant.aws.clock.advance(seconds=1)

    assert instant.task(arn)["lastStatus"] == "RUNNING"
