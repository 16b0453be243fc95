//! Proofs that break one rule.

use super::{File, fixture, gzip, replaced};

const XOR: &str = "xor_by_hand.proof";
const OPTIMAL: &str = "one_sample_optimal.proof";
const FREE: &str = "undecayed_free.proof";
const LEAKY: &str = "leaky_line.proof";
const ROWS: &str = "xor_rows_by_hand.proof";
const MIXED: &str = "rows_and_fan.proof";
const PRODUCTS: &str = "rows_products.proof";

/// Name, proof, what is replaced in it, by what, and the reason of the rejection.
#[rustfmt::skip]
const EDITED: &[(&str, &str, &str, &str, &str)] = &[
    ("text-version-3", XOR, "relucert-proof 1\n", "relucert-proof 3\n", "Word"),
    ("text-version-1-with-rows", ROWS, "relucert-proof 2\n", "relucert-proof 1\n", "Word"),
    ("text-version-with-dot", XOR, "relucert-proof 1\n", "relucert-proof 1.\n", "Word"),
    ("text-byte-order-mark", XOR, "relucert-proof 1\n", "\u{feff}relucert-proof 1\n", "Word"),
    ("text-carriage-return", XOR, "relucert-proof 1\n", "relucert-proof 1\r\n", "Word"),
    ("text-empty-line", XOR, "relucert-proof 1\n", "relucert-proof 1\n\n", "Spacing"),
    ("text-two-spaces", XOR, "loss half-sum", "loss  half-sum", "Spacing"),
    ("text-space-at-end", XOR, "loss half-sum", "loss half-sum ", "Spacing"),
    ("text-space-at-start", XOR, "loss half-sum", " loss half-sum", "Spacing"),
    ("text-tab", XOR, "loss half-sum", "loss\thalf-sum", "Word"),
    ("text-extra-word", XOR, "loss half-sum", "loss half-sum 1", "ExtraToken"),
    ("text-missing-word", XOR, "loss half-sum", "loss", "MissingToken"),
    ("text-unknown-word", XOR, "loss half-sum", "loss halfsum", "Word"),
    ("data-feature-missing", XOR, "s -1 1 1\n", "s -1 1\n", "MissingToken"),
    ("data-feature-extra", XOR, "s -1 1 1\n", "s -1 1 1 0\n", "ExtraToken"),
    ("integer-plus-sign", XOR, "s -1 1 1\n", "s -1 +1 1\n", "Integer"),
    ("integer-leading-zero", XOR, "s -1 1 1\n", "s -1 01 1\n", "Integer"),
    ("integer-decimal", XOR, "s -1 1 1\n", "s -1 1.0 1\n", "Integer"),
    ("integer-exponent", XOR, "s -1 1 1\n", "s -1 1e0 1\n", "Integer"),
    ("integer-lone-minus", XOR, "s -1 1 1\n", "s -1 1 -\n", "Integer"),
    ("integer-minus-zero", XOR, "q 0 0\n/", "q -0 0\n/", "Integer"),
    ("integer-double-zero", XOR, "q 0 0\n/", "q 00 0\n/", "Integer"),
    ("integer-letter-after-20-digits", XOR, "q 0 0\n/", "q 12345678901234567890x 0\n/", "Integer"),
    ("text-comment", XOR, "q 0 0\n/", "q 0 0\n# a comment\n/", "RuleTag"),
    ("text-no-end", XOR, "\nend\n", "\n", "EndOfFile"),
    ("text-no-last-line-feed", XOR, "\nend\n", "\nend", "LineFeed"),
    ("text-empty-line-after-end", XOR, "\nend\n", "\nend\n\n", "TrailingBytes"),
    ("text-two-ends", XOR, "\nend\n", "\nend\nend\n", "TrailingBytes"),
    ("text-end-with-dot", XOR, "\nend\n", "\nend.\n", "Word"),
    ("dual-entry-missing", XOR, "v -1\nfan + ", "fan + ", "Word"),
    ("activation-slopes-in-wrong-order", XOR, "activation 0 1 1", "activation 1 0 1", "Activation"),
    ("activation-common-divisor", XOR, "activation 0 1 1", "activation 0 2 2", "Activation"),
    ("activation-denominator-zero", XOR, "activation 0 1 1", "activation 0 1 0", "NotPositive"),
    ("decay-not-in-lowest-terms", XOR, "decay weight-decay 1 10", "decay weight-decay 2 20", "DecayTerms"),
    ("decay-zero", XOR, "decay weight-decay 1 10", "decay weight-decay 0 10", "NotPositive"),
    ("decay-negative", XOR, "decay weight-decay 1 10", "decay weight-decay 1 -10", "NotPositive"),
    ("decay-unknown", XOR, "decay weight-decay 1 10", "decay l1 1 10", "Word"),
    ("data-fewer-rows-than-samples", XOR, "data 4 4 2 1 1", "data 4 3 2 1 1", "FewRows"),
    ("data-no-samples", XOR, "data 4 4 2 1 1", "data 0 4 2 1 1", "NotPositive"),
    ("data-negative-count", XOR, "data 4 4 2 1 1", "data -4 4 2 1 1", "Negative"),
    ("data-more-samples-than-announced", XOR, "data 4 4 2 1 1", "data 3 4 2 1 1", "SampleCount"),
    ("data-first-row-begins-no-sample", XOR, "s -1 1 1\n", "+ 1 1\n", "FirstRow"),
    ("data-fewer-samples-than-announced", XOR, "s 1 -1 1\n", "+ -1 1\n", "SampleCount"),
    ("data-unknown-tag", XOR, "s 1 1 -1\n", "t 1 1 -1\n", "Word"),
    ("data-dx-not-least", LEAKY, "data 1 1 2 1 1\ns 1 1 1", "data 1 1 2 2 1\ns 1 2 2", "FeatureDenominator"),
    ("data-dy-not-least", LEAKY, "data 1 1 2 1 1\ns 1 1 1", "data 1 1 2 1 3\ns 3 1 1", "TargetDenominator"),
    ("network-output-denominator-without-bias", XOR, "network given 0 1 1 1", "network given 0 1 1 2", "OutputBiasDenominator"),
    ("network-negative-width", XOR, "network given 0 1 1 1", "network given -1 1 1 1", "Negative"),
    ("network-denominator-zero", XOR, "network given 0 1 1 1", "network given 0 0 1 1", "NotPositive"),
    ("network-unknown-role", XOR, "network given 0 1 1 1", "network other 0 1 1 1", "Word"),
    ("network-neuron-missing", XOR, "network given 0 1 1 1", "network given 1 1 1 1", "Word"),
    ("network-objective-too-high", XOR, "objective 2 1", "objective 3 1", "Objective"),
    ("network-objective-too-low-by-a-hair", OPTIMAL, "objective 15 32", "objective 4687499999999999999999999999999999999999 10000000000000000000000000000000000000000", "Objective"),
    ("network-objective-over-zero", XOR, "objective 2 1", "objective 2 0", "NotPositive"),
    ("network-given-twice", XOR, "objective 2 1\n", "objective 2 1\nnetwork given 0 1 1 1\nobjective 2 1\n", "NetworkOrder"),
    ("network-best-before-given", OPTIMAL, "network given", "network best 0 1 1 1\nobjective 1 2\nnetwork given", "NetworkOrder"),
    ("network-weight-extra", OPTIMAL, "n 1 1\n", "n 1 1 0\n", "ExtraToken"),
    ("network-weight-sign", OPTIMAL, "n 1 1\n", "n 1 -1\n", "Objective"),
    ("network-output-weight-changed", OPTIMAL, "n 1 1\n", "n 2 1\n", "Objective"),
    ("network-output-bias-that-is-not", OPTIMAL, "n 1 1\n", "n 1 1\nc 0\n", "Word"),
    ("network-hidden-bias-missing", FREE, "n 1 1 0\nc 0", "n 1 1\nc 0", "MissingToken"),
    ("network-hidden-bias-changed", FREE, "n 1 1 0\nc 0", "n 1 1 1\nc 0", "Objective"),
    ("network-output-bias-changed", FREE, "c 3\n", "c 4\n", "Objective"),
    ("network-output-bias-missing", FREE, "c 3\n", "", "Word"),
    ("verdict-optimal-beyond-tolerance", OPTIMAL, "bound 15 32", "bound 14 32", "VerdictOptimal"),
    ("verdict-optimal-beyond-tolerance-by-a-hair", OPTIMAL, "bound 15 32", "bound 4687499999999999999999999999999999999999 10000000000000000000000000000000000000000", "VerdictOptimal"),
    ("verdict-tolerance-over-zero", OPTIMAL, "verdict optimal 0 1", "verdict optimal 0 0", "NotPositive"),
    ("verdict-tolerance-negative", OPTIMAL, "verdict optimal 0 1", "verdict optimal -1 1", "Negative"),
    ("verdict-not-optimal-with-one-network", OPTIMAL, "verdict optimal 0 1", "verdict not_optimal 0 1", "VerdictNetworks"),
    ("verdict-optimal-without-network", LEAKY, "verdict undecided", "verdict optimal", "VerdictNetworks"),
    ("verdict-optimal-of-a-bad-network", XOR, "verdict undecided", "verdict optimal", "VerdictOptimal"),
    ("verdict-not-optimal-by-too-little", FREE, "verdict not_optimal 1 10", "verdict not_optimal 3 8", "VerdictNotOptimal"),
    ("verdict-optimal-of-the-given-network", FREE, "verdict not_optimal 1 10", "verdict optimal 1 10", "VerdictOptimal"),
    ("verdict-best-network-is-wider", FREE, "best 1 2 2 8\nn 1 1 0\n", "best 2 2 2 8\nn 1 1 0\nn 0 0 0\n", "VerdictWidth"),
    ("dual-too-long-for-the-leaves", OPTIMAL, "dual 3 4", "dual 4 4", "LeafTooLong"),
    ("dual-scale-negative", OPTIMAL, "dual 3 4", "dual -3 4", "Negative"),
    ("dual-scale-over-zero", OPTIMAL, "dual 3 4", "dual 3 0", "NotPositive"),
    ("dual-scale-zero", OPTIMAL, "dual 3 4", "dual 0 1", "Bound"),
    ("dual-sum-not-zero", FREE, "v -1\n", "v -2\n", "FreeBiasSum"),
    ("dual-sum-not-zero-over-one", FREE, "dual 3 8\nv -1\nv 1\n", "dual 1 8\nv -3\nv 4\n", "FreeBiasSum"),
    ("dual-sum-not-zero-times-zero", FREE, "dual 3 8\nv -1\nv 1\n", "dual 0 1\nv -3\nv 4\n", "FreeBiasSum"),
    ("bound-above-dual-value", XOR, "bound 27 100", "bound 27021 100000", "Bound"),
    ("bound-above-dual-value-by-a-hair", OPTIMAL, "bound 15 32\nverdict optimal", "bound 4687500000000000000000000000000000000001 10000000000000000000000000000000000000000\nverdict undecided", "Bound"),
    ("bound-above-optimum", OPTIMAL, "bound 15 32\nverdict optimal", "bound 16 32\nverdict undecided", "Bound"),
    ("fan-minus-first", OPTIMAL, "fan + orthants 1 0 1", "fan - orthants 1 0 1", "Word"),
    ("fan-plus-twice", OPTIMAL, "fan - orthants 1 0 1", "fan + orthants 1 0 1", "Word"),
    ("fan-unknown-shape", OPTIMAL, "fan + orthants 1 0 1", "fan + cross 1 0 1", "Word"),
    ("fan-too-many-basis-vectors", OPTIMAL, "fan + orthants 1 0 1", "fan + orthants 2 0 1", "BasisSize"),
    (
        "fan-covers-a-line-only",
        XOR,
        "fan + half 2 0 1\nb 1 0\nb 0 1\nq 0 0\n/ 0 1 1 1\nq -2 2\nq -2 2\n",
        "fan + half 1 0 1\nb 1 0\nq 0 0\n",
        "BasisSize",
    ),
    ("fan-no-basis-vectors", OPTIMAL, "fan + orthants 1 0 1", "fan + orthants 0 1 1", "NotPositive"),
    ("fan-e-zero", OPTIMAL, "fan + orthants 1 0 1", "fan + orthants 1 0 0", "NotPositive"),
    ("fan-half-not-even", OPTIMAL, "fan + orthants 1 0 1", "fan + half 1 0 1", "HalfNotAllowed"),
    ("basis-parallel-vectors", XOR, "b 1 0\nb 0 1\nq 0 0", "b 1 0\nb -2 0\nq 0 0", "BasisSingular"),
    ("basis-vector-missing", XOR, "b 1 0\nb 0 1\nq 0 0", "b 1 0\nq 0 0", "Word"),
    ("basis-line-parallel-to-vector", LEAKY, "z 1 -1\nq 0 0\nq 20", "z 1 0\nq 0 0\nq 20", "BasisSingular"),
    ("basis-line-seen-by-a-row", LEAKY, "z 1 -1\nq 0 0\nq 20", "z 2 -1\nq 0 0\nq 20", "LineNotInKernel"),
    ("basis-line-where-none-is-announced", LEAKY, "fan + simplex 1 1 1", "fan + simplex 2 0 1", "Word"),
    ("split-index-too-large", XOR, "/ 0 1 1 1", "/ 0 2 1 1", "SplitIndex"),
    ("split-index-of-23-digits", XOR, "/ 0 1 1 1", "/ 0 99999999999999999999999 1 1", "SplitIndex"),
    ("split-index-negative", XOR, "/ 0 1 1 1", "/ -1 1 1 1", "Negative"),
    ("split-same-generator", XOR, "/ 0 1 1 1", "/ 1 1 1 1", "SplitSame"),
    ("split-factor-zero", XOR, "/ 0 1 1 1", "/ 0 1 0 1", "NotPositive"),
    ("split-factor-negative", XOR, "/ 0 1 1 1", "/ 0 1 1 -1", "NotPositive"),
    ("split-at-another-place", XOR, "/ 0 1 1 1", "/ 0 1 2 1", "LeafGenerator"),
    ("tree-split-left-out", XOR, "/ 0 1 1 1\nq -2 2\nq -2 2", "q -2 2\nq -2 2", "LeafGenerator"),
    ("tree-leaf-missing", XOR, "/ 0 1 1 1\nq -2 2\nq -2 2", "/ 0 1 1 1\nq -2 2", "RuleTag"),
    ("tree-leaf-extra", XOR, "/ 0 1 1 1\nq -2 2\nq -2 2", "/ 0 1 1 1\nq -2 2\nq -2 2\nq -2 2", "Word"),
    ("tree-unknown-tag", XOR, "/ 0 1 1 1\nq -2 2\nq -2 2", "Q -2 2\nq -2 2", "RuleTag"),
    ("tree-leaves-swapped", XOR, "q 2 2 1 1 0\nq 0 0", "q 0 0\nq 2 2 1 1 0", "LeafGenerator"),
    ("tree-last-leaf-missing", XOR, "q 2 2 1 1 0\nq 0 0", "q 2 2 1 1 0", "RuleTag"),
    ("tree-last-leaf-extra", XOR, "q 2 2 1 1 0\nq 0 0", "q 2 2 1 1 0\nq 0 0\nq 0 0", "Word"),
    ("fan-orthants-with-the-trees-of-half", XOR, "fan - half 2 0 1", "fan - orthants 2 0 1", "RuleTag"),
    ("tree-other-leaves-swapped", OPTIMAL, "q 2\nq 0", "q 0\nq 2", "LeafGenerator"),
    ("leaf-one-unit-too-long", XOR, "q 2 2 1 1 0", "q 3 2 1 1 0", "LeafTooLong"),
    ("leaf-one-unit-too-short", XOR, "q 2 2 1 1 0", "q 2 1 1 1 0", "LeafGenerator"),
    ("leaf-slopes-left-out", XOR, "q 2 2 1 1 0", "q 2 2", "LeafGenerator"),
    ("leaf-slope-of-the-wrong-value", XOR, "q 2 2 1 1 0", "q 2 2 1 1 1", "LeafGenerator"),
    ("slope-above-one", XOR, "q 2 2 1 1 0", "q 2 2 1 1 2", "ExceptionSlope"),
    ("slope-below-minus-one", XOR, "q 2 2 1 1 0", "q 2 2 1 1 -2", "ExceptionSlope"),
    ("slope-denominator-zero", XOR, "q 2 2 1 1 0", "q 2 2 0 1 0", "NotPositive"),
    ("slope-denominator-alone", XOR, "q 2 2 1 1 0", "q 2 2 1", "MissingToken"),
    ("slope-value-missing", XOR, "q 2 2 1 1 0", "q 2 2 1 1", "MissingToken"),
    ("slope-of-a-convex-class", XOR, "q 2 2 1 1 0", "q 2 2 1 0 0", "ExceptionNotConcave"),
    ("slope-of-no-class", XOR, "q 2 2 1 1 0", "q 2 2 1 2 0", "ExceptionClass"),
    ("slope-twice", XOR, "q 2 2 1 1 0", "q 2 2 1 1 0 1 0", "ExceptionOrder"),
    ("leaf-entry-missing", XOR, "q 2 2 1 1 0", "q 2", "MissingToken"),
    ("leaf-short-on-a-line-fan", LEAKY, "q 20 20", "q 19 19", "LeafGenerator"),
    ("leaf-not-zero-on-a-line", LEAKY, "q 20 20", "q 20 19", "LeafLine"),
    ("leaf-long-on-a-line-fan", LEAKY, "q 20 20", "q 21 21", "LeafTooLong"),
    ("leaf-short-in-the-minus-fan", LEAKY, "q -2 -2", "q -1 -1", "LeafGenerator"),
    ("leaf-short-beside-the-pole", FREE, "q -2 2", "q -2 1", "LeafGenerator"),
    ("leaf-last-entry-chooses-the-wrong-slope", FREE, "q 0 -1", "q 0 0", "LeafGenerator"),
    ("leaf-long-with-undecayed-bias", FREE, "b 0 1\nq 2 0", "b 0 1\nq 3 0", "LeafTooLong"),
    ("leaf-last-entry-cannot-pay", FREE, "b 0 1\nq 2 0", "b 0 1\nq 1 5", "LeafGenerator"),
    ("integer-in-hexadecimal", XOR, "v -1\nfan + ", "v -0x1\nfan + ", "Integer"),
    ("integer-underscore", XOR, "bound 27 100", "bound 2_7 100", "Integer"),
    ("bound-over-zero", XOR, "bound 27 100", "bound 27 0", "NotPositive"),
    ("bound-over-negative", XOR, "bound 27 100", "bound -27 -100", "NotPositive"),
    ("bound-infinite", XOR, "bound 27 100", "bound inf 1", "Integer"),
    ("bound-missing", XOR, "bound 27 100\n", "", "Word"),
    ("verdict-missing", XOR, "verdict undecided 1 100\n", "", "Word"),
    ("verdict-unknown", XOR, "verdict undecided 1 100", "verdict sure 1 100", "Word"),
    ("dual-line-missing", XOR, "dual 7 100\n", "", "Word"),
    ("dual-one-unit-longer", XOR, "dual 7 100", "dual 71 1000", "LeafTooLong"),
    ("dual-entry-extra", OPTIMAL, "v 1\n", "v 1\nv 0\n", "Word"),
    ("fan-minus-missing", LEAKY, "fan - orthants 1 1 1\nb 1 0\nz 1 -1\nq 0 0\nq -2 -2\n", "", "Word"),
    ("fan-line-only", OPTIMAL, "fan - orthants 1 0 1\nb 1\nq 0\nq 0\n", "fan - orthants 1 0 1\n", "Word"),
    ("fan-e-too-large", XOR, "fan + half 2 0 1", "fan + half 2 0 2", "LeafTooLong"),
    ("fan-e-negative", XOR, "fan + half 2 0 1", "fan + half 2 0 -1", "NotPositive"),
    ("fan-simplex-with-the-trees-of-half", XOR, "fan + half 2 0 1", "fan + simplex 2 0 1", "LeafGenerator"),
    ("basis-zero-vector", LEAKY, "b 1 0\nz 1 -1\nq 0 0\nq 20", "b 0 0\nz 1 -1\nq 0 0\nq 20", "BasisSingular"),
    ("basis-entry-missing", LEAKY, "b 1 0\nz 1 -1\nq 0 0\nq 20", "b 1\nz 1 -1\nq 0 0\nq 20", "MissingToken"),
    ("split-factors-swapped-away", XOR, "/ 0 1 1 1", "/ 0 1 1 3", "LeafGenerator"),
    ("split-token-extra", XOR, "/ 0 1 1 1", "/ 0 1 1 1 1", "ExtraToken"),
    ("statement-target-sign", XOR, "s -1 1 1\n", "s 1 1 1\n", "Bound"),
    ("statement-bias-decayed", FREE, "hidden-bias undecayed", "hidden-bias decayed", "LeafTooLong"),
    ("statement-bias-free", OPTIMAL, "output-bias none\n", "output-bias free\n", "Word"),
    ("tree-split-of-nothing", OPTIMAL, "q 2\nq 0", "/ 0 0 1 1\nq 2\nq 0", "SplitSame"),
    ("rows-plus-twice", ROWS, "rows - 7 5 1", "rows + 7 5 1", "Word"),
    ("rows-minus-missing", ROWS, "rows - 7 5 1\ne 20 5 0 0\n", "", "Word"),
    ("rows-q-zero", ROWS, "rows + 7 5 1", "rows + 0 5 1", "NotPositive"),
    ("rows-t-negative", ROWS, "rows + 7 5 1", "rows + 7 -5 1", "NotPositive"),
    ("rows-t-too-small", ROWS, "rows + 7 5 1", "rows + 7 4 1", "Semidefinite"),
    ("rows-g-missing", ROWS, "rows + 7 5 1", "rows + 7 5", "MissingToken"),
    ("rows-token-extra", ROWS, "rows + 7 5 1", "rows + 7 5 1 1", "ExtraToken"),
    ("rows-with-a-leaf-of-a-fan", ROWS, "e 20 0 0 5", "q 0 0", "RuleTag"),
    ("rows-with-a-split-of-a-fan", ROWS, "e 20 0 0 5", "/ 0 1 1 1", "RuleTag"),
    ("rows-leaf-missing", MIXED, "e 20 5 2 0\nend", "end", "RuleTag"),
    ("rows-leaf-extra", ROWS, "e 20 5 0 0", "e 20 5 0 0\ne 20 5 0 0", "Word"),
    ("fan-with-a-leaf-of-rows", MIXED, "q 0 0\n", "e 20 0 0 5\n", "RuleTag"),
    ("fan-with-a-split-of-rows", MIXED, "/ 0 1 1 1", "? 0", "RuleTag"),
    ("rows-split-of-no-class", MIXED, "? 1", "? 2", "RowsClass"),
    ("rows-split-negative", MIXED, "? 1", "? -1", "Negative"),
    ("rows-split-of-23-digits", MIXED, "? 1", "? 99999999999999999999999", "RowsClass"),
    ("rows-split-of-a-fixed-class", MIXED, "? 1", "? 1\n? 1", "RowsFixed"),
    ("rows-split-of-a-class-fixed-above", PRODUCTS, "e 489255 0 0 0 0 167 0 0", "? 1", "RowsFixed"),
    ("rows-split-token-extra", MIXED, "? 1", "? 1 0", "ExtraToken"),
    ("rows-multiplier-negative", MIXED, "e 20 5 2 0\nend", "e 20 5 -1 0\nend", "Negative"),
    ("rows-multiplier-too-large", MIXED, "e 20 5 2 0\nend", "e 20 5 3 0\nend", "Semidefinite"),
    ("rows-multiplier-too-small", MIXED, "e 20 5 2 0\nend", "e 20 5 1 0\nend", "Semidefinite"),
    ("rows-fixed-class-too-steep", MIXED, "e 20 5 2 0\nend", "e 20 5 2 9\nend", "RowsMultiplier"),
    ("rows-fixed-class-without-multiplier", MIXED, "e 20 5 2 0\nend", "e 20 5 0 1\nend", "RowsMultiplier"),
    ("rows-fixed-class-one-unit-too-steep", PRODUCTS, "12 909", "12 910", "RowsMultiplier"),
    ("rows-fixed-class-of-negative-steepness", MIXED, "e 20 5 2 0\nend", "e 20 5 2 -1\nend", "Negative"),
    ("rows-slope-above-one", ROWS, "e 20 0 0 5", "e 20 2 0 5", "RowsSlope"),
    ("rows-slope-below-minus-one", ROWS, "e 20 0 0 5", "e 20 -2 0 5", "RowsSlope"),
    ("rows-slope-of-the-wrong-value", ROWS, "e 20 0 0 5", "e 20 1 0 5", "Semidefinite"),
    ("rows-concave-class-too-steep", ROWS, "e 20 0 0 5", "e 20 0 5 5", "RowsSlope"),
    ("rows-concave-class-one-unit-too-steep", PRODUCTS, "e 804295 -955 1", "e 804295 -955 6", "RowsSlope"),
    ("rows-concave-class-of-negative-steepness", ROWS, "e 20 0 0 5", "e 20 0 -1 5", "Negative"),
    ("rows-curvature-zero", ROWS, "e 20 0 0 5", "e 20 0 0 0", "NotPositive"),
    ("rows-curvature-negative", ROWS, "e 20 0 0 5", "e 20 0 0 -5", "NotPositive"),
    ("rows-curvature-too-large", ROWS, "e 20 0 0 5", "e 20 0 0 6", "Semidefinite"),
    ("rows-curvature-too-small", ROWS, "e 20 0 0 5", "e 20 0 0 4", "Semidefinite"),
    ("rows-curvatures-of-the-other-sign", ROWS, "e 20 0 0 5", "e 20 5 0 0", "RowsSlope"),
    ("rows-number-missing", ROWS, "e 20 0 0 5", "e 20 0 0", "MissingToken"),
    ("rows-m-one-less", ROWS, "e 20 0 0 5", "e 19 0 0 5", "Semidefinite"),
    ("rows-m-one-more", ROWS, "e 20 0 0 5", "e 21 0 0 5", "Semidefinite"),
    ("rows-dual-one-unit-longer", PRODUCTS, "bound -493602857804131 9275270938869938\nverdict undecided 1 100\ndual 1000003 136200374", "bound -1 1\nverdict undecided 1 100\ndual 1000003 136200373", "Semidefinite"),
    ("product-count-zero", ROWS, "e 20 0 0 5", "e 20 0 0 5 0", "NotPositive"),
    ("product-count-too-large", PRODUCTS, "1 15 1 3", "2 15 1 3", "MissingToken"),
    ("product-count-too-small", PRODUCTS, "2 63 1 3 43 2 3", "1 63 1 3 43 2 3", "ExtraToken"),
    ("product-zero", PRODUCTS, "1 15 1 3", "1 0 1 3", "NotPositive"),
    ("product-negative", PRODUCTS, "1 15 1 3", "1 -15 1 3", "NotPositive"),
    ("product-of-a-free-class", PRODUCTS, "1 15 1 3", "1 15 0 3", "ProductClass"),
    ("product-of-no-class", PRODUCTS, "1 15 1 3", "1 15 1 4", "ProductClass"),
    ("product-of-a-class-with-itself", PRODUCTS, "1 15 1 3", "1 15 3 3", "ProductOrder"),
    ("product-in-the-wrong-order", PRODUCTS, "1 15 1 3", "1 15 3 1", "ProductOrder"),
    ("product-twice", PRODUCTS, "1 15 1 3", "2 7 1 3 8 1 3", "ProductOrder"),
    ("products-in-the-wrong-order", PRODUCTS, "2 63 1 3 43 2 3", "2 43 2 3 63 1 3", "ProductOrder"),
    ("product-too-large", PRODUCTS, "1 15 1 3", "1 1500000 1 3", "Semidefinite"),
];

pub(super) fn file(name: &str, bytes: Vec<u8>, reason: &'static str) -> File {
    File { name: name.to_owned(), bytes, args: &[], reason: Some(reason) }
}

/// The proofs of the table.
pub(super) fn edited() -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for &(name, proof, old, new, reason) in EDITED {
        let text = replaced(&fixture(proof)?, old, new).map_err(|error| format!("{name}: {error}"))?;
        files.push(file(&format!("{name}.proof"), text.into_bytes(), reason));
    }
    Ok(files)
}

/// Damaged compressed files of a proof that would be accepted.
pub(super) fn compressed() -> Result<Vec<File>, String> {
    let text = fixture(XOR)?.into_bytes();
    let whole = gzip(&text);
    let length = whole.len();
    let changed = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cases: Vec<(&str, Vec<u8>, &'static str)> = vec![
        ("gzip-empty-file", Vec::new(), "Gzip"),
        ("gzip-not-compressed", text.clone(), "Gzip"),
        ("gzip-wrong-magic-number", changed(0), "Gzip"),
        ("gzip-wrong-method", changed(2), "Gzip"),
        (
            "gzip-reserved-flag",
            {
                let mut bytes = whole.clone();
                bytes[3] |= 0x80;
                bytes
            },
            "Gzip",
        ),
        ("gzip-wrong-checksum", changed(length - 6), "Gzip"),
        ("gzip-wrong-length", changed(length - 2), "Gzip"),
        ("gzip-cut-in-the-middle", whole[..length / 2].to_vec(), "Gzip"),
        ("gzip-cut-before-the-checksum", whole[..length - 8].to_vec(), "Gzip"),
        ("gzip-last-byte-missing", whole[..length - 1].to_vec(), "Gzip"),
        ("gzip-text-after-the-member", [&whole[..], b"more"].concat(), "Gzip"),
        ("gzip-zeros-after-the-member", [&whole[..], &[0; 512]].concat(), "Gzip"),
        ("gzip-half-a-member-after-the-member", [&whole[..], &whole[..20]].concat(), "Gzip"),
        ("gzip-second-proof-after-the-first", [&whole[..], &whole[..]].concat(), "TrailingBytes"),
        ("gzip-compressed-twice", gzip(&whole), "LineFeed"),
    ];
    let name = |name: &str| format!("{name}.proof.gz");
    let mut files: Vec<File> =
        cases.into_iter().map(|(stem, bytes, reason)| file(&name(stem), bytes, reason)).collect();
    files.push(file("gzip-without-the-name.proof", whole, "LineFeed"));
    Ok(files)
}

/// Files beyond a limit.
pub(super) fn limits() -> Result<Vec<File>, String> {
    let text = fixture(XOR)?;
    let long = format!("bound -1{} 1", "0".repeat(20_000));
    let line = format!("s -1{}\n", " 0".repeat(2_000_001));
    let chain: String = (0..10_001).map(|_| "/ 0 1 1 1\nq -2 2\n").collect();
    let wide = |word: &str| format!("{word}{}\n", " 0".repeat(25));
    let many = format!(
        "relucert-proof 1\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 1 1\nhidden-bias none\n\
         output-bias none\ndata 1 1 25 1 1\ns 1{} 1\nbound 0 1\nverdict undecided 0 1\ndual 1 1000\nv 1\n\
         fan + orthants 25 0 1\n{}",
        " 0".repeat(24),
        wide("b").repeat(25)
    );
    let edits = [
        ("limit-rows.proof", "data 4 4 2 1 1", "data 4 10000001 2 1 1", "Rows"),
        ("limit-columns.proof", "data 4 4 2 1 1", "data 4 4 1001 1 1", "Columns"),
        ("limit-neurons.proof", "network given 0 1 1 1", "network given 1000001 1 1 1", "Neurons"),
        ("limit-digits.proof.gz", "bound 27 100", &long, "Digits"),
        ("limit-line-length.proof.gz", "s -1 1 1\n", &line, "LineLength"),
        ("limit-depth.proof.gz", "/ 0 1 1 1\nq -2 2\nq -2 2\n", &chain, "Depth"),
    ];
    let columns = |hidden: &str, d: usize| {
        format!(
            "relucert-proof 2\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 1 1\nhidden-bias {hidden}\n\
             output-bias none\ndata 1 1 {d} 1 1\ns 1 1{}\nbound 0 1\nverdict undecided 0 1\ndual 1 1000\nv 1\n\
             rows + 1 1 1\ne 9 1\nrows - 1 1 1\ne 9 -1 0\nend\n",
            " 0".repeat(d - 1)
        )
    };
    let mut files = vec![
        file("limit-basis-vectors.proof", many.into_bytes(), "BasisVectors"),
        file("limit-rows-columns.proof", columns("none", 257).into_bytes(), "RowsColumns"),
        file("rows-with-undecayed-bias.proof", columns("undecayed", 1).into_bytes(), "RowsNotAllowed"),
    ];
    for (name, old, new, limit) in edits {
        let text = replaced(&text, old, new)?.into_bytes();
        files.push(file(name, if name.ends_with(".gz") { gzip(&text) } else { text }, limit));
    }
    Ok(files)
}

/// Proofs that are accepted by themselves, but are not about the user's files or exceed the user's limits.
pub(super) fn compared() -> Result<Vec<File>, String> {
    const DATA: &[&str] =
        &["--data", "fixtures/data/xor.csv", "--weight-decay", "0.2", "--loss", "half-sum", "--no-bias"];
    const NETWORK: &[&str] = &[
        "--data",
        "fixtures/data/xor.csv",
        "--weight-decay",
        "0.1",
        "--loss",
        "half-sum",
        "--network",
        "fixtures/networks/xor/best.json",
    ];
    let bytes = fixture(XOR)?.into_bytes();
    let cases: [(&str, &[&str], &str); 8] = [
        ("own-data-differ.proof", DATA, "DataDiffers"),
        ("own-network-differs.proof", NETWORK, "NetworkDiffers"),
        ("limit-asked-bytes.proof", &["--max-bytes=370"], "Bytes"),
        ("limit-asked-generator-bits.proof", &["--max-generator-bits=0"], "GeneratorBits"),
        ("limit-asked-nodes.proof", &["--max-nodes=5"], "Nodes"),
        ("limit-asked-path-words.proof", &["--max-path-words=9"], "PathMemory"),
        ("limit-asked-statement-bytes.proof", &["--max-statement-bytes=141"], "StatementSize"),
        ("limit-asked-time.proof", &["--time-limit=0"], "Time"),
    ];
    let made = |(name, args, reason)| File { args, ..file(name, bytes.clone(), reason) };
    let mut files: Vec<File> = cases.into_iter().map(made).collect();
    let rows = file("limit-asked-matrix-bits.proof", fixture(ROWS)?.into_bytes(), "MatrixBits");
    files.push(File { args: &["--max-matrix-bits=107"], ..rows });
    Ok(files)
}
