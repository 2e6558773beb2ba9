"""Rules on the volumes of a task definition."""

from __future__ import annotations

from typing import Final

from ecrmock.ecs.task_rules.rule import Breaches, Draft, Json, Rules, one_if

RULES: Final = Rules()

_KINDS: Final = (
    "host",
    "dockerVolumeConfiguration",
    "efsVolumeConfiguration",
    "fsxWindowsFileServerVolumeConfiguration",
    "s3filesVolumeConfiguration",
)


def _volumes(draft: Draft) -> list[Json]:
    return list(draft.document.get("volumes", ()))


def _efs(draft: Draft) -> list[Json]:
    found = (volume.get("efsVolumeConfiguration") for volume in _volumes(draft))
    return [configuration for configuration in found if configuration]


@RULES.add("host.sourcePath should not be blank.")
def paths_are_not_blank(draft: Draft) -> Breaches:
    """Judge directories of the host."""
    return one_if(
        any("host" in v and v["host"].get("sourcePath", "/") == "" for v in _volumes(draft))
    )


@RULES.add("Volume '{name}' can have only one configuration.")
def volumes_are_of_one_kind(draft: Draft) -> Breaches:
    """Judge that a volume is one thing. Assumed: the text."""
    for volume in _volumes(draft):
        given = [kind for kind in _KINDS if volume.get(kind)]
        if len(given) + bool(volume.get("configuredAtLaunch")) > 1:
            yield {"name": volume.get("name", "")}


@RULES.add("Autoprovision can only be used with the shared scope.")
def only_shared_volumes_are_provisioned(draft: Draft) -> Breaches:
    """Judge Docker volumes. Assumed: the text."""
    docker = [volume.get("dockerVolumeConfiguration") or {} for volume in _volumes(draft)]
    return one_if(any(d.get("autoprovision") and d.get("scope") != "shared" for d in docker))


@RULES.add("EFS IAM authorization requires TransitEncryption to be enabled.")
def efs_authorization_is_encrypted(draft: Draft) -> Breaches:
    """Judge EFS with IAM."""
    return one_if(
        any(
            efs.get("authorizationConfig", {}).get("iam") == "ENABLED" and not _is_encrypted(efs)
            for efs in _efs(draft)
        )
    )


@RULES.add("TransitEncryptionPort requires that TransitEncryption is enabled.")
def efs_ports_are_encrypted(draft: Draft) -> Breaches:
    """Judge the port of EFS."""
    return one_if(
        any("transitEncryptionPort" in efs and not _is_encrypted(efs) for efs in _efs(draft))
    )


@RULES.add(
    'When using an EFS access point, the root directory must either be set to "/" or be omitted.'
)
def efs_access_points_have_their_root(draft: Draft) -> Breaches:
    """Judge the directory of EFS."""
    return one_if(
        any(
            efs.get("authorizationConfig", {}).get("accessPointId")
            and efs.get("rootDirectory", "/") not in ("/", "")
            for efs in _efs(draft)
        )
    )


def _is_encrypted(efs: Json) -> bool:
    return efs.get("transitEncryption") == "ENABLED"


@RULES.add("Unknown volume '{name}'.")
def mounted_volumes_are_declared(draft: Draft) -> Breaches:
    """Judge what containers mount."""
    declared = {volume.get("name") for volume in _volumes(draft)}
    for _, entry in draft.listed("mountPoints"):
        if entry.get("sourceVolume") not in declared:
            yield {"name": entry.get("sourceVolume", "")}


@RULES.add("Volumes [{names}] are not referenced by any of the containers")
def volumes_of_the_launch_are_mounted(draft: Draft) -> Breaches:
    """Judge volumes that are configured at launch."""
    mounted = {entry.get("sourceVolume") for _, entry in draft.listed("mountPoints")}
    lacking = [
        volume.get("name", "")
        for volume in _volumes(draft)
        if volume.get("configuredAtLaunch") and volume.get("name") not in mounted
    ]
    if lacking:
        yield {"names": ", ".join(lacking)}


@RULES.add("Only one volume can be configured at launch.")
def one_volume_is_configured_at_launch(draft: Draft) -> Breaches:
    """Judge how many volumes are configured at launch. Assumed: the text."""
    return one_if(sum(bool(v.get("configuredAtLaunch")) for v in _volumes(draft)) > 1)
