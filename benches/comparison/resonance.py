"""The resonance arrangement of rank D, all normals of zeros and ones but zero, as `relucert cells --normals` reads it.

    python3 benches/comparison/resonance.py 4 > normals.csv
"""

import itertools
import sys

rank = int(sys.argv[1])
print(",".join(f"x{i + 1}" for i in range(rank)))
for normal in itertools.product((0, 1), repeat=rank):
    if any(normal):
        print(",".join(map(str, normal)))
