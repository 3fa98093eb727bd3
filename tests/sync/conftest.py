"""The centre and the PCs of the client's tests, for histories that go through all of it."""

from tests.sync.client.conftest import centre as centre
from tests.sync.client.conftest import enrol_again as enrol_again
from tests.sync.client.conftest import pc as pc
