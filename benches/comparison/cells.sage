# The cells of a central arrangement by Sage (Debian package `sagemath`):
#
#     sage benches/comparison/cells.sage < normals.csv
#     relucert cells --normals normals.csv
#
# One normal a line after a header, integers separated by commas, as `relucert cells --normals` reads them. Prints the number of cells twice, from the
# characteristic polynomial (Zaslavsky) and by listing the regions, and the seconds of each without the start of Sage.
import sys
import time

rows = [[ZZ(v) for v in line.split(",")] for line in sys.stdin.read().split()[1:]]
names = tuple("x%d" % i for i in range(len(rows[0])))
space = HyperplaneArrangements(QQ, names=names)
arrangement = space(*[sum(c * x for c, x in zip(row, space.gens())) for row in rows])
begun = time.time()
polynomial = arrangement.characteristic_polynomial()
counted = time.time()
print("%d cells by %s, %.3f s" % (abs(polynomial(-1)), polynomial, counted - begun), flush=True)
regions = len(arrangement.regions())
print("%d regions, %.3f s, %s" % (regions, time.time() - counted, version()))
