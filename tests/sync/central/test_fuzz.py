"""The centre's routes under whatever a stranger sends: refused as they describe it themselves, and nothing changed."""

from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import select

from sync.central import tables
from sync.central.app import build_app
from sync.central.centre import Centre
from sync.protocol import chain, codec, envelope
from sync.protocol.chain import device_id
from sync.protocol.messages import Push, SyncRequest
from sync.protocol.version import PROTOCOL
from tests.sync.central.conftest import Clock

KEY: Final = SigningKey(bytes(32))
DEVICE: Final = device_id(bytes(KEY.verify_key))
SEALED: Final = envelope.seal(
    codec.encode(SyncRequest(PROTOCOL, "1", Push(chain.root(DEVICE)), {}, 1 << 15)), DEVICE, KEY
)


@st.composite
def _altered(draw: st.DrawFn) -> bytes:
    """A message that a stranger sealed, with a piece of it cut out and others put in its place."""
    start = draw(st.integers(0, len(SEALED)))
    end = draw(st.integers(start, len(SEALED)))
    return SEALED[:start] + draw(st.binary(max_size=40)) + SEALED[end:]


schemathesis.openapi.media_type(envelope.CONTENT_TYPE, st.binary(max_size=4_000) | _altered())


@schemathesis.serializer(envelope.CONTENT_TYPE)
def _as_it_is(_: Any, value: Any) -> bytes:
    return bytes(getattr(value, "data", value))


ROUTES: Final = (
    ("/v1/sync", "POST"),
    ("/v1/enrol", "POST"),
    ("/v1/parcel", "POST"),
    ("/v1/administer", "POST"),
    ("/v1/evidence", "POST"),
    ("/v1/catalogue/{version}", "GET"),
    ("/v1/health", "GET"),
)


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_a_stranger_is_refused_as_described(centre: Centre, clock: Clock, path: str, method: str) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", build_app(centre, clock))
    assert {route: [*methods] for route, methods in schema.raw_schema["paths"].items()} == {
        route: [way.lower()] for route, way in ROUTES
    }
    before = held(centre)

    @settings(
        max_examples=120,
        deadline=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(case=schema[path][method].as_strategy())
    def send(case: Any) -> None:
        # No schema can say who sealed a message, so that one that fits it may still be refused.
        case.call_and_validate(
            headers={"Content-Type": envelope.CONTENT_TYPE}, excluded_checks=[positive_data_acceptance]
        )

    send()
    assert held(centre) == before


def held(centre: Centre) -> dict[str, list[Any]]:
    """Every row that the centre keeps."""
    with centre.database.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in tables.metadata.sorted_tables
        }
