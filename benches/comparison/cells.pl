# The cells of a central arrangement by polymake (Debian package `polymake`):
#
#     polymake --script benches/comparison/cells.pl < normals.csv
#     relucert cells --normals normals.csv
#
# One normal a line after a header, integers separated by commas, as `relucert cells --normals` reads them. Prints the number of cells, and the seconds of the
# decomposition alone, without the start of polymake. `benches/comparison/resonance.py D` writes an example.
use strict;
use Time::HiRes 'time';
use application 'fan';

my @lines = <STDIN>;
shift @lines;
my @rows = map { chomp; [split /,/] } grep { /\S/ } @lines;
my $arrangement = new HyperplaneArrangement(HYPERPLANES => \@rows);
my $begun = time;
my $cells = $arrangement->CHAMBER_DECOMPOSITION->N_MAXIMAL_CONES;
printf "%d cells, %.3f s, polymake %s\n", $cells, time - $begun, $Polymake::Version;
