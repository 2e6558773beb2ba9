"""The functions of other packages that ecrmock replaces or imitates are the ones it knows.

A pin is the sha256 of a function's source in each generation that is in use. Where one fails, read
what changed there, see that ecrmock still does the same, and then add the new hash.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
from typing import NamedTuple

import pytest

from ecrmock.intercept import aiobotocore, botocore, environment, guard, models, sessions

pytestmark = pytest.mark.aio  # the botocore that aioboto3 pins has pins too


class Pin(NamedTuple):
    """A function, what ecrmock has to do with it, and its hash by the beginning of versions."""

    target: str
    role: str
    hashes: dict[str, str]

    @property
    def package(self):
        return self.target.partition(".")[0]


PINS = [
    Pin(
        "botocore.client:BaseClient._make_api_call",
        "calls the seam: what comes before and after it",
        {
            "1.40.": "1c226d71b942f59032abe5571af2cd7ef5288691448325ccf32796e8414707c6",
            "1.43. 1.44.": "75ba491f61ffbd4e04da4ef9c3c4e942b52183ea2896f7a6df447a940805d456",
        },
    ),
    Pin(
        "botocore.client:BaseClient._make_request",
        "replaced: the seam",
        {
            "1.40. 1.43. 1.44.": "15e9c21fe63e058ef91107fd2c9222592db83e614cabe863b81b0ec6390ce21c",
        },
    ),
    Pin(
        "botocore.endpoint:Endpoint._send_request",
        "imitated: the loop of attempts",
        {
            "1.40. 1.43. 1.44.": "af914535237dd08795135d7583b28ab8e57eb84b3dc2c212268e54a513aa4b30",
        },
    ),
    Pin(
        "botocore.endpoint:Endpoint._needs_retry",
        "imitated: asks the retry handlers",
        {
            "1.40.": "fe754d0d1a058691f01d21405a2d10238be4e5df33fa9b87e6614d533e016d3f",
            "1.43. 1.44.": "9621767a04c7931a6766eaf3757c38169e35a9fa1bcf806909ab7030aeaa6715",
        },
    ),
    Pin(
        "botocore.endpoint:Endpoint._get_response",
        "imitated: tells of a response",
        {
            "1.40. 1.43. 1.44.": "339d0a8e18a49ac726291576115ed0dbd642fe8acd5ac003f79543c2cd6b5429",
        },
    ),
    Pin(
        "botocore.endpoint:Endpoint._do_get_response",
        "imitated: makes the parsed reply",
        {
            "1.40. 1.43. 1.44.": "e1821119dedea32b2c9c66e821ca171d8200c25336a787430b6740b8e4d925e4",
        },
    ),
    Pin(
        "botocore.endpoint:Endpoint._update_retries_context",
        "imitated: counts the attempts",
        {
            "1.40.": "b5ec9d130efb1d429356627090ea802dff926c476039e432215d277861061d38",
            "1.43. 1.44.": "f50793020b61fed6ab3317cd35458e9c0c0735d55ed148963c138c649fb7a73d",
        },
    ),
    Pin(
        "botocore.waiter:Waiter.wait",
        "replaced: whose time a waiter takes",
        {
            "1.40. 1.43. 1.44.": "5537450c8eabef0bcd495005c172bb935969188108b697e7082bbf1c3a361824",
        },
    ),
    Pin(
        "botocore.session:Session.get_credentials",
        "replaced: fake credentials",
        {
            "1.40. 1.43. 1.44.": "29c2fb6b1d233216976671ac0e970774a238e05eecf8fb689618f49e32879a83",
        },
    ),
    Pin(
        "botocore.session:Session.get_scoped_config",
        "replaced: any profile exists",
        {
            "1.40. 1.43. 1.44.": "b7d54840943d22cb43ba101ee54958685e41cc521f9c90d12fb7e347b2cef01d",
        },
    ),
    Pin(
        "botocore.session:Session.full_config",
        "replaced: what is read inside is not kept",
        {
            "1.40. 1.43. 1.44.": "b08e11e6f574db45e4c4e2948ab31b6ba21c2a65ea6181b2784c9a66e942a62b",
        },
    ),
    Pin(
        "botocore.session:Session._build_profile_map",
        "replaced: what is read inside is not kept",
        {
            "1.40. 1.43. 1.44.": "af05c6bba60416bd8cfa1025f53678a45fc64f9932d89e4a16848c65b0044a34",
        },
    ),
    Pin(
        "botocore.loaders:JSONFileLoader.load_file",
        "replaced: models are parsed once",
        {
            "1.40. 1.43. 1.44.": "4b6735d5cf3c559fb4ddbdea17a93652a6ca1e0da0178132a268821b358b3229",
        },
    ),
    Pin(
        "botocore.loaders:Loader.list_available_services",
        "replaced: folders are listed once",
        {
            "1.40. 1.43. 1.44.": "ba2bafd04efdbf187b5b24065133bad1213b43fe0b22c5e247af24f62eac70f5",
        },
    ),
    Pin(
        "botocore.httpsession:URLLib3Session.__init__",
        "replaced: the guard",
        {
            "1.40. 1.43. 1.44.": "9feaa1cb12588f9afb6d890d3a4a8c43284603c47330f7e2e0481e712319faa9",
        },
    ),
    Pin(
        "botocore.httpsession:URLLib3Session.send",
        "replaced: the guard",
        {
            "1.40.": "777bb3b743bd1acf904e867d7a4adcb5cbd4328dfd60ece7bc9a281851454162",
            "1.43. 1.44.": "e9e5027655943f6932b4b1cba68422a8bbcfd3c7de1831e025255e997a43841d",
        },
    ),
    Pin(
        "aiobotocore.client:AioBaseClient._make_api_call",
        "calls the seam",
        {
            "2.25.": "6568ea27af60445c9e3c46a96677177c1b638ee1e5f5d15085fe21927faea608",
            "3.10.": "2be96199935a4b8cd5c7e11b0a2b8fbddeb5cd1769b1d41d02175dcabcc097f2",
        },
    ),
    Pin(
        "aiobotocore.client:AioBaseClient._make_request",
        "replaced: the seam",
        {
            "2.25. 3.10.": "7a98f1ceb79138923f7bab9c28e5863b884c291a1cf3e161a355354716e87e8a",
        },
    ),
    Pin(
        "aiobotocore.endpoint:AioEndpoint._send_request",
        "imitated: the loop of attempts",
        {
            "2.25. 3.10.": "45299be64199a2ebbf57966f3dac607ae783ad9e4ca6e8dda68de98ca880d765",
        },
    ),
    Pin(
        "aiobotocore.endpoint:AioEndpoint._needs_retry",
        "imitated: asks the retry handlers",
        {
            "2.25.": "2f7faf4fcb3d5119a7116edf38ec07a3117ceffa1af5fd30f186e5951990c620",
            "3.10.": "e0e1e14d904d1f837ffbf35836d453f42a38ec70c266419a470455946df7e9ad",
        },
    ),
    Pin(
        "aiobotocore.endpoint:AioEndpoint._get_response",
        "imitated: tells of a response",
        {
            "2.25. 3.10.": "947244e32dad14053d9d9b49029398b7c55b40725907ebb21b7f5a42d6527e87",
        },
    ),
    Pin(
        "aiobotocore.endpoint:AioEndpoint._do_get_response",
        "imitated: makes the parsed reply",
        {
            "2.25. 3.10.": "082b773ba52d7a7e5fc7e87264b4a47a280a0ae8268948176e3fc55b8a2c2dd8",
        },
    ),
    Pin(
        "aiobotocore.waiter:AIOWaiter.wait",
        "replaced: whose time a waiter takes",
        {
            "2.25.": "1ccf1e3d5fd274ea61046b3d81bed61075d1850669cfb4ecd5e391a4f04eca6c",
            "3.10.": "b7e326344ef84c7017a36784089329a8157090dc1010ecfe668a574fd24976b0",
        },
    ),
    Pin(
        "aiobotocore.session:AioSession.get_credentials",
        "replaced: fake credentials",
        {
            "2.25. 3.10.": "288a52de70cdb63c42aedd28672bb6bd5fa29bec1add8b94edab9a935016677a",
        },
    ),
    Pin(
        "aiobotocore.httpsession:AIOHTTPSession.__init__",
        "replaced: the guard",
        {
            "2.25.": "479e39fdc6567609edd763a5b8ad7339bffa96459ee1b3837fa0e49b010274e1",
            "3.10.": "ed72f5104696dd32daa4fab2e90d9924fe36ffc1947927d48d0dfbf83e5bceed",
        },
    ),
    Pin(
        "aiobotocore.httpsession:AIOHTTPSession.send",
        "replaced: the guard",
        {
            "2.25.": "0424179d5be0fbd795fb8b0a243138488fa4e15278fda6c245762e0909f2d805",
            "3.10.": "9633db7fc585c5fbe33abc9f2e250fc01543dbcf205000e72114d1417091f1a4",
        },
    ),
    Pin(
        "aiobotocore.httpxsession:HttpxSession.__init__",
        "replaced: the guard",
        {
            "2.25.": "d71935f763a689a12d8ac522fdefa8ef1e142787c6dd19139fdf4d94ef8b9555",
            "3.10.": "08a50ac69e92488e402f8a77095f8c243a79283bdabec35b3ffd7aa3e42559ea",
        },
    ),
    Pin(
        "aiobotocore.httpxsession:HttpxSession.send",
        "replaced: the guard",
        {
            "2.25.": "f06ef4b58783bbebba973dcf63fcd5455b6d7f0d9d4d9d53ab381fc8b1be91a1",
            "3.10.": "b0d1e481c84a58902c33b651c723e2e02be604759ad680cfb17e3b53dd669900",
        },
    ),
    Pin(
        "moto.core.models:MockAWS._mock_env_variables",
        "imitated: what it saves of the environment",
        {
            "5.2.": "a9f1ffbd9103ad54dc7eeb06cc772cb9595747baa1479357bf1e16782f92e268",
        },
    ),
    Pin(
        "moto.core.models:MockAWS._unmock_env_variables",
        "replaced: restoring in every order",
        {
            "5.2.": "71cf1eb3cfd0cf9f42f806db39982420be4b687d379a71984f61d43f214d4624",
        },
    ),
]


def source_of(target):
    """Return the source of a function, also where a wrapper of ours stands before it."""
    module, _, path = target.partition(":")
    found = importlib.import_module(module)
    for name in path.split("."):
        found = vars(found)[name]
    if isinstance(found, property):
        found = found.fget
    return inspect.getsource(found)


def known_hashes(pin, version):
    """Return the hashes that a version may have: its own, or any where it is not in the table."""
    own = [
        pinned
        for prefixes, pinned in pin.hashes.items()
        if version.startswith(tuple(prefixes.split()))
    ]
    return own or list(pin.hashes.values())


@pytest.mark.parametrize("pin", PINS, ids=lambda pin: pin.target)
def test_a_foreign_function_has_not_moved(pin):
    if importlib.util.find_spec(pin.package) is None:
        pytest.skip(f"{pin.package} is not installed with this generation of botocore")
    version = importlib.metadata.version(pin.package)

    found = hashlib.sha256(source_of(pin.target).encode()).hexdigest()

    assert found in known_hashes(pin, version), (
        f"{pin.target} ({pin.role}) has moved: in {pin.package} {version} its source has the "
        f"sha256 {found}, and ecrmock knows {' '.join(pin.hashes)}"
    )


def test_every_function_that_is_replaced_is_pinned():
    patches = [
        *aiobotocore.PATCHES,
        *botocore.PATCHES,
        *models.PATCHES,
        *sessions.PATCHES,
        *guard._patches._patches,
        *environment._moto._patches,
    ]

    replaced = {f"{patch.module}:{patch.attribute}" for patch in patches}

    modules_as_others_see_them = {"aiobotocore.waiter:asyncio", "botocore.waiter:time"}
    assert replaced - modules_as_others_see_them <= {pin.target for pin in PINS}
