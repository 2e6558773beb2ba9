"""The pytest plugin: fixtures, the mark, ini options, the header, and company in the session."""

from __future__ import annotations

import importlib.metadata

import boto3
import pytest

import ecrmock as package
from ecrmock import MockAws, current, mock_aws

PLUGIN = "ecrmock.pytest_plugin"
WORLDS = """
import boto3
import pytest


@pytest.mark.parametrize("number", range(8))
def test_a_world_of_its_own(number, ecrmock, ecrmock_ecr):
    ecrmock_ecr.create_repository(repositoryName="team/app")
    found = boto3.client("ecr").describe_repositories()["repositories"]
    assert len(found) == 1
"""


def test_the_fixture_is_a_mock_that_is_active(ecrmock):
    assert isinstance(ecrmock, MockAws)
    assert current() is ecrmock


@pytest.mark.parametrize("turn", ["one", "other"])
def test_each_test_has_a_world_of_its_own(turn, ecrmock, names):
    assert names() == []
    boto3.client("ecr").create_repository(repositoryName="team/app")


def test_the_clients_are_of_the_fixtures_mock(ecrmock, ecrmock_ecr, ecrmock_ecs):
    with mock_aws():
        ecrmock_ecr.create_repository(repositoryName="team/app")
        ecrmock_ecs.create_cluster(clusterName="blue")

    assert [call.name for call in ecrmock.calls] == ["ecr.CreateRepository", "ecs.CreateCluster"]


def test_the_clock_is_of_the_fixtures_mock(ecrmock, ecrmock_clock):
    assert ecrmock_clock is ecrmock.clock


def test_a_client_fixture_alone_brings_the_mock(ecrmock_ecs, is_active):
    assert is_active()


def test_without_a_fixture_nothing_is_active(is_active):
    assert not is_active()


@pytest.mark.ecrmock(region_name="eu-west-1", account_id="111122223333", time="virtual", seed=7)
def test_the_mark_gives_options(ecrmock):
    options = ecrmock.options

    assert (options.region_name, options.account_id) == ("eu-west-1", "111122223333")
    assert (options.time, options.seed) == ("virtual", 7)


@pytest.mark.ecrmock(region_name="eu-west-1", page_size=3)
class TestMarkOfAClass:
    def test_its_options_hold(self, ecrmock):
        assert ecrmock.region_name == "eu-west-1"

    @pytest.mark.ecrmock(region_name="eu-west-2")
    def test_the_closest_wins_for_each_option(self, ecrmock):
        assert ecrmock.region_name == "eu-west-2"
        assert ecrmock.options.page_size == 3

    @pytest.mark.ecrmock(page_size=1)
    @pytest.mark.ecrmock(page_size=2)
    def test_of_two_marks_that_next_to_the_function_wins(self, ecrmock):
        assert ecrmock.options.page_size == 2

    @pytest.mark.ecrmock(page_size=9)
    class TestInner:
        def test_an_inner_class_is_closer(self, ecrmock):
            assert ecrmock.options.page_size == 9
            assert ecrmock.region_name == "eu-west-1"


MARKS = """
import pytest

pytestmark = pytest.mark.ecrmock(region_name="eu-west-1", seed=3)


def test_module(ecrmock):
    assert (ecrmock.region_name, ecrmock.account_id) == ("eu-west-1", "111122223333")
    assert ecrmock.options.seed == 3


@pytest.mark.ecrmock(region_name="eu-west-2")
class TestClass:
    def test_class(self, ecrmock):
        assert (ecrmock.region_name, ecrmock.options.seed) == ("eu-west-2", 3)


@pytest.mark.ecrmock(account_id="999988887777")
def test_function(ecrmock):
    assert (ecrmock.region_name, ecrmock.account_id) == ("eu-west-1", "999988887777")
"""
INI = "ecrmock_region = us-west-2\necrmock_account_id = 111122223333"


def test_the_mark_of_a_module_goes_before_the_ini_file(run_pytest):
    run = run_pytest(MARKS, "--strict-markers", ini=INI)

    assert run.having("passed") == {"test_module", "TestClass.test_class", "test_function"}, (
        run.output
    )


def test_the_ini_file_gives_region_and_account_and_the_header_shows_them(run_pytest):
    source = """
        import boto3

        def test_it(ecrmock):
            assert boto3.client("ecr").meta.region_name == "us-west-2"
            assert boto3.client("sts").get_caller_identity()["Account"] == "111122223333"
    """

    run = run_pytest(source, ini=f"{INI}\necrmock_guard = error")

    header = "guard=error, region=us-west-2, account_id=111122223333"
    assert run.outcomes == {"test_it": "passed"}, run.output
    assert f"ecrmock: {package.__version__}, {header}" in run.output


def test_the_header_shows_the_default_guard(run_pytest):
    run = run_pytest("def test_it(): pass")

    assert f"ecrmock: {package.__version__}, guard=warn\n" in run.output


@pytest.mark.parametrize("mode", ["errors", ""])
def test_an_unknown_guard_mode_is_a_usage_error(mode, run_pytest):
    run = run_pytest("def test_it(): pass", "-o", f"ecrmock_guard={mode}")

    assert run.code == pytest.ExitCode.USAGE_ERROR, run.output
    assert f"ecrmock_guard is {mode!r}; it must be one of error, warn, off" in run.output


def test_a_misspelt_ini_option_is_an_error_under_strict_config(run_pytest):
    run = run_pytest("def test_it(): pass", "--strict-config", ini="ecrmock_gaurd = error")

    assert run.code == pytest.ExitCode.USAGE_ERROR, run.output
    assert "ecrmock_gaurd" in run.output


@pytest.mark.parametrize(
    ("ini", "says"),
    [
        ("ecrmock_region = mars-1", "region_name is 'mars-1'"),
        ("ecrmock_account_id = 12", "account_id is '12'"),
    ],
    ids=["region", "account"],
)
def test_a_region_or_account_that_is_none_fails_the_test_that_uses_it(ini, says, run_pytest):
    run = run_pytest("def test_it(ecrmock): pass", ini=ini)

    assert run.outcomes == {"test_it": "error"}
    assert says in run.output


def test_a_mark_that_cannot_be_fails_the_test_and_says_why(run_pytest):
    source = """
        import pytest

        @pytest.mark.ecrmock(region="eu-west-1")
        def test_unknown_option(ecrmock):
            pass

        @pytest.mark.ecrmock(region_name="mars-1")
        def test_bad_value(ecrmock):
            pass

        @pytest.mark.ecrmock("eu-west-1")
        def test_positional(ecrmock):
            pass
    """

    run = run_pytest(source)

    assert set(run.outcomes.values()) == {"error"}
    for says in ("'region'", "region_name is 'mars-1'", "keyword arguments only"):
        assert says in run.output


def test_the_mark_and_the_fixtures_are_listed(run_pytest):
    source = "def test_it(ecrmock): pass"

    marks = run_pytest(source, "--markers").output
    fixtures = run_pytest(source, "--fixtures").output

    assert "@pytest.mark.ecrmock(**options)" in marks
    for name in ("ecrmock", "ecrmock_ecr", "ecrmock_ecs", "ecrmock_clock"):
        assert f"\n{name} -- " in fixtures


def test_a_guard_of_error_refuses_a_call_outside_of_any_mock(run_pytest):
    source = """
        import boto3
        import pytest
        from ecrmock import RealCallRefused

        def test_it():
            client = boto3.client(
                "ecr", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
            )
            with pytest.raises(RealCallRefused, match="DescribeRepositories"):
                client.describe_repositories()
    """

    run = run_pytest(source, ini="ecrmock_guard = error")

    assert run.outcomes == {"test_it": "passed"}, run.output


def test_workers_of_xdist_have_worlds_of_their_own(run_pytest):
    run = run_pytest(WORLDS, "-n", "2", plugins=["xdist"])

    assert len(run.having("passed")) == 8, run.output
    assert run.code == 0


def test_a_random_order_changes_nothing(run_pytest):
    run = run_pytest(WORLDS, plugins=["randomly"])

    assert len(run.having("passed")) == 8, run.output


def test_the_seed_of_pytest_randomly_does_not_reach_the_ids(run_pytest):
    source = """
        import random

        def test_it(ecrmock, ecrmock_ecr):
            random.seed(1)
            first = ecrmock_ecr.create_repository(repositoryName="team/a")
            state = random.getstate()
            second = ecrmock_ecr.create_repository(repositoryName="team/b")
            ids = [reply["ResponseMetadata"]["RequestId"] for reply in (first, second)]
            assert len(set(ids)) == 2
            assert random.getstate() == state
    """

    run = run_pytest(source, plugins=["randomly"])

    assert run.outcomes == {"test_it": "passed"}, run.output


def test_it_works_beside_motos_mock(run_pytest):
    source = """
        import boto3
        from moto import mock_aws as moto_aws

        def test_it(ecrmock):
            with moto_aws():
                boto3.client("s3", "us-east-1").create_bucket(Bucket="bucket")
                boto3.client("ecr").create_repository(repositoryName="team/app")
            assert [call.name for call in ecrmock.calls] == ["ecr.CreateRepository"]
    """

    run = run_pytest(source)

    assert run.outcomes == {"test_it": "passed"}, run.output


class TestRegistration:
    """The plugin is registered once, by the name of its module."""

    COUNT = """
        import sys

        def test_it(pytestconfig):
            plugin = sys.modules["ecrmock.pytest_plugin"]
            manager = pytestconfig.pluginmanager
            names = [name for name, each in manager.list_name_plugin() if each is plugin]
            assert names == ["ecrmock.pytest_plugin"]
    """

    def test_the_entry_point_is_named_as_its_module(self):
        points = importlib.metadata.entry_points(group="pytest11")

        ours = {(each.name, each.value) for each in points if each.value.startswith("ecrmock")}
        assert ours == {(PLUGIN, PLUGIN)}

    @pytest.mark.parametrize(
        "options", [(), ("-p", PLUGIN)], ids=["entry-point", "and-on-the-command-line"]
    )
    def test_it_is_there_once(self, options, run_pytest):
        run = run_pytest(self.COUNT, *options)

        assert run.outcomes == {"test_it": "passed"}, run.output

    def test_it_is_there_once_though_a_checkout_is_installed_too(self, run_pytest, tmp_path):
        second = tmp_path / "ecrmock-0.1.0.dist-info"
        second.mkdir()
        (second / "METADATA").write_text("Metadata-Version: 2.1\nName: ecrmock\nVersion: 0.1.0\n")
        (second / "entry_points.txt").write_text(f"[pytest11]\n{PLUGIN} = {PLUGIN}\n")

        run = run_pytest(self.COUNT, environment={"PYTHONPATH": str(tmp_path)})

        assert run.outcomes == {"test_it": "passed"}, run.output

    def test_a_conftest_may_name_it_too(self, run_pytest):
        files = {"plugins.py": f"pytest_plugins = ['{PLUGIN}']"}

        run = run_pytest(self.COUNT, "-p", "plugins", files=files)

        assert run.outcomes == {"test_it": "passed"}, run.output
