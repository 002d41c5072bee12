"""Writers who do everything at once, in any order: nothing is lost, nothing doubled, nobody told of a false conflict.

The same steps by the million: `python -m benchmarks.interleaving`.
"""

from random import Random

import pytest

from benchmarks.world import World

STEPS = 300


@pytest.mark.parametrize("seed", range(3))
def test_of_several_writers_everything_acknowledged_is_there_once(db, seed):
    world = World(Random(seed), people=2 + seed % 3, name=f"several-{seed}")
    for _ in range(STEPS):
        world.step()
    world.check_all()
    assert world.faults == []
    assert world.found["saves"] > STEPS // 30
    assert world.found["joined"] > 0
    assert world.found["clashes"] > 0


@pytest.mark.parametrize("seed", range(2))
def test_one_person_in_one_tab_never_meets_a_conflict(db, seed):
    world = World(Random(seed), people=1, name=f"alone-{seed}")
    for _ in range(STEPS):
        world.step()
    world.check_all()
    assert world.faults == []
    assert world.found["false conflicts"] == 0
    assert world.found["saves"] > STEPS // 30
