"""PutAttributes, DeleteAttributes and ListAttributes."""

from __future__ import annotations

import pytest

from tests.operations.ecs.hosts import UNKNOWN_ID, Hosts


@pytest.fixture
def hosts(door):
    return Hosts(door)


@pytest.fixture
def put(hosts):
    """Put attributes on the instance `a`, given as names and values; None is no value."""

    def put(**attributes):
        return hosts.ecs.put_attributes(
            attributes=[attribute(hosts, name, value) for name, value in attributes.items()]
        )["attributes"]

    hosts.add("a")
    return put


def attribute(hosts, name, value=None, target="a"):
    found = {"name": name, "value": value, "targetId": hosts.arns[target]}
    return {key: each for key, each in found.items() if each is not None}


def custom(hosts, name="a") -> dict[str, str | None]:
    """Return the attributes of an instance that are neither ECS's nor its agent's."""
    return {
        each["name"]: each.get("value")
        for each in hosts.show(name)["attributes"]
        if not each["name"].startswith(("ecs.", "com.amazonaws.ecs."))
    }


def listed(hosts, **parameters):
    response = hosts.ecs.list_attributes(targetType="container-instance", **parameters)
    return [
        (hosts.name_of(x["targetId"]), x["name"], x.get("value")) for x in response["attributes"]
    ]


# -------------------------------------------------------------------------------------- put


def test_an_attribute_is_put_and_shown(hosts, put):
    answered = put(stack="prod")

    assert answered == [attribute(hosts, "stack", "prod")]
    assert custom(hosts) == {"stack": "prod"}


def test_an_attribute_needs_no_value(hosts, put):
    answered = put(flag=None)

    assert answered == [attribute(hosts, "flag")]
    assert custom(hosts) == {"flag": None}


def test_an_attribute_that_is_there_gets_another_value(hosts, put):
    put(stack="prod")

    put(stack="dev", color="red")

    assert custom(hosts) == {"stack": "dev", "color": "red"}


def test_a_target_can_be_named_by_its_id(hosts):
    made = hosts.add("a")

    response = hosts.ecs.put_attributes(
        attributes=[
            {"name": "k", "value": "v", "targetId": made.id, "targetType": "container-instance"}
        ]
    )

    assert response["attributes"] == [{"name": "k", "value": "v", "targetId": made.arn}]


def test_attributes_of_several_instances_are_put_at_once(hosts):
    hosts.add_all("a", "b")

    hosts.ecs.put_attributes(
        attributes=[attribute(hosts, "rack", "1"), attribute(hosts, "rack", "2", target="b")]
    )

    assert (custom(hosts, "a"), custom(hosts, "b")) == ({"rack": "1"}, {"rack": "2"})


def test_an_unknown_target_is_refused_and_nothing_is_put(hosts, refusal):
    hosts.add("a")
    unknown = {
        "name": "k",
        "targetId": UNKNOWN_ID,
        "targetType": "container-instance",
    }

    refused = refusal(hosts.ecs.put_attributes, attributes=[attribute(hosts, "k", "v"), unknown])

    assert refused == ("TargetNotFoundException", f"Could not find {UNKNOWN_ID}")
    assert custom(hosts) == {}


def test_putting_none_is_refused(hosts, refusal):
    hosts.add("a")

    refused = refusal(hosts.ecs.put_attributes, attributes=[])

    assert refused == ("InvalidParameterException", "attributes can not be empty")


def test_eleven_at_once_are_too_many(hosts, refusal):
    hosts.add("a")

    refused = refusal(
        hosts.ecs.put_attributes,
        attributes=[attribute(hosts, f"k{n}", "v") for n in range(11)],
    )

    assert refused.code == "InvalidParameterException"


def test_an_instance_has_ten_custom_attributes_and_no_more(hosts, put, refusal):
    put(**{f"k{n}": "v" for n in range(10)})

    refused = refusal(hosts.ecs.put_attributes, attributes=[attribute(hosts, "one-more", "v")])

    assert refused.code == "AttributeLimitExceededException"
    assert len(custom(hosts)) == 10


def test_an_instance_with_ten_attributes_takes_other_values(hosts, put):
    put(**{f"k{n}": "v" for n in range(10)})

    put(k3="w")

    assert custom(hosts)["k3"] == "w"


@pytest.mark.parametrize("name", ["", "a b", "é", "a" * 129, "a:b"], ids=ascii)
def test_a_name_has_letters_digits_and_a_few_signs(hosts, refusal, name):
    hosts.add("a")

    refused = refusal(hosts.ecs.put_attributes, attributes=[attribute(hosts, name, "v")])

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize("value", ["", " a", "a ", "a#b", "é", "a" * 129], ids=ascii)
def test_a_value_has_no_other_signs_and_no_blank_at_its_ends(hosts, refusal, value):
    hosts.add("a")

    refused = refusal(hosts.ecs.put_attributes, attributes=[attribute(hosts, "k", value)])

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("name", "value"), [("a" * 128, "v" * 128), (r"Team-1_a/b\c.d", r"A b:c@d/e\f.g-h_1")]
)
def test_names_and_values_can_be_this_long_and_have_these_signs(hosts, put, name, value):
    put(**{name: value})

    assert custom(hosts) == {name: value}


@pytest.mark.parametrize("name", ["ecs.instance-type", "ecs.availability-zone"])
def test_attributes_of_ecs_cannot_be_overwritten(hosts, refusal, name):
    hosts.add("a")

    refused = refusal(hosts.ecs.put_attributes, attributes=[attribute(hosts, name, "mine")])

    assert refused.code == "InvalidParameterException"
    assert listed(hosts, attributeName=name, attributeValue="mine") == []


def test_putting_and_deleting_are_events_with_a_version_each(hosts, put):
    put(stack="prod", color="red")
    hosts.ecs.delete_attributes(attributes=[attribute(hosts, "color")])

    events = hosts.events("a")

    assert [each["version"] for each in events] == [1, 2, 3]
    names = [{each["name"] for each in event["attributes"]} for event in events]
    assert names[1] - names[0] == {"stack", "color"}
    assert names[1] - names[2] == {"color"}


def test_what_changes_nothing_is_no_event(hosts, put):
    put(stack="prod")

    put(stack="prod")
    hosts.ecs.delete_attributes(attributes=[attribute(hosts, "none")])

    assert [each["version"] for each in hosts.events("a")] == [1, 2]


# ----------------------------------------------------------------------------------- delete


def test_a_deleted_attribute_is_returned_with_its_value(hosts, put):
    put(stack="prod", color="red")

    response = hosts.ecs.delete_attributes(attributes=[attribute(hosts, "stack")])

    assert response["attributes"] == [attribute(hosts, "stack", "prod")]
    assert custom(hosts) == {"color": "red"}


def test_a_custom_attribute_of_the_registration_can_be_deleted(hosts):
    hosts.add("a", attributes={"stack": "prod", "color": "red"})

    response = hosts.ecs.delete_attributes(attributes=[attribute(hosts, "stack")])

    assert response["attributes"] == [attribute(hosts, "stack", "prod")]
    assert custom(hosts) == {"color": "red"}


def test_an_attribute_of_the_registration_that_was_changed_since_can_be_deleted(hosts):
    hosts.add("a", attributes={"stack": "prod"})
    hosts.ecs.put_attributes(attributes=[attribute(hosts, "stack", "dev")])

    response = hosts.ecs.delete_attributes(attributes=[attribute(hosts, "stack")])

    assert response["attributes"] == [attribute(hosts, "stack", "dev")]
    assert custom(hosts) == {}


def test_deleting_none_is_refused(hosts, refusal):
    hosts.add("a")

    refused = refusal(hosts.ecs.delete_attributes, attributes=[])

    assert refused == ("InvalidParameterException", "attributes value is required")


def test_deleting_from_an_unknown_target_is_refused(hosts, refusal):
    hosts.add("a")
    unknown = {"name": "k", "targetId": UNKNOWN_ID, "targetType": "container-instance"}

    refused = refusal(hosts.ecs.delete_attributes, attributes=[unknown])

    assert refused == ("TargetNotFoundException", f"Could not find {UNKNOWN_ID}")


def test_room_is_there_again_after_a_deletion(hosts, put):
    put(**{f"k{n}": "v" for n in range(10)})
    hosts.ecs.delete_attributes(attributes=[attribute(hosts, "k0")])

    put(other="v")

    assert "other" in custom(hosts)


# ------------------------------------------------------------------------------------- list


def test_attributes_are_listed_by_name_and_value(hosts):
    hosts.add("a", attributes={"stack": "prod"})
    hosts.add("b", attributes={"stack": "dev"})
    hosts.add("c")

    by_name = listed(hosts, attributeName="stack")
    by_value = listed(hosts, attributeName="stack", attributeValue="dev")

    assert by_name == [("a", "stack", "prod"), ("b", "stack", "dev")]
    assert by_value == [("b", "stack", "dev")]
    assert listed(hosts, attributeName="stack", attributeValue="none") == []


def test_all_attributes_of_all_instances_are_listed(hosts):
    hosts.add_all("a", "b")

    pages = hosts.ecs.get_paginator("list_attributes").paginate(targetType="container-instance")
    found = [(each["targetId"], each["name"]) for page in pages for each in page["attributes"]]

    expected = [
        (hosts.arns[name], each["name"]) for name in "ab" for each in hosts.show(name)["attributes"]
    ]
    assert len(expected) > 100
    assert sorted(found) == sorted(expected)


def test_a_page_has_as_many_as_were_asked_for(hosts):
    for n, name in enumerate("abcde"):
        hosts.add(name, attributes={"n": str(n)})

    first = hosts.ecs.list_attributes(
        targetType="container-instance", attributeName="n", maxResults=3
    )
    second = hosts.ecs.list_attributes(
        targetType="container-instance",
        attributeName="n",
        maxResults=3,
        nextToken=first["nextToken"],
    )

    values = [[each["value"] for each in page["attributes"]] for page in (first, second)]
    assert values == [["0", "1", "2"], ["3", "4"]]
    assert "nextToken" not in second


def test_a_value_alone_is_refused(hosts, refusal):
    hosts.add("a")

    refused = refusal(
        hosts.ecs.list_attributes, targetType="container-instance", attributeValue="prod"
    )

    assert refused.code == "InvalidParameterException"


def test_only_container_instances_have_attributes(hosts, door, refusal):
    hosts.add("a")

    refused = refusal(door.unchecked("ecs").list_attributes, targetType="task")

    assert refused == ("InvalidParameterException", "targetType must be container-instance")


def test_attributes_of_inactive_instances_are_not_listed(hosts):
    hosts.add("a", attributes={"stack": "prod"})
    hosts.add("b", attributes={"stack": "prod"})
    hosts.deregister("a")

    assert listed(hosts, attributeName="stack") == [("b", "stack", "prod")]
