package io.github.dl4jngd.fisher.linalg;

import io.github.dl4jngd.fisher.internal.Diagonals;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Condition;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Argument checks and error messages that the providers share. */
final class Arguments {

    private Arguments() {}

    /** Checks a [n, n] and returns n. */
    static int requireSquare(INDArray a) {
        if (a.rank() != 2 || a.size(0) != a.size(1) || a.size(0) == 0) {
            throw new IllegalArgumentException(
                    "expected a square matrix [n, n] with n >= 1, but its shape is " + shape(a));
        }
        requireType(a);
        requireFinite(a, "matrix");
        return Math.toIntExact(a.size(0));
    }

    /** Checks a [B, n, n] and returns n. */
    static int requireSquareBatch(INDArray a) {
        if (a.rank() != 3 || a.size(1) != a.size(2) || a.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected square matrices [B, n, n] with B >= 1 and n >= 1, but their shape is " + shape(a));
        }
        requireType(a);
        requireFinite(a, "batch of matrices");
        return Math.toIntExact(a.size(1));
    }

    /** Checks b [n] or [n, k] with k ≥ 1. */
    static void requireRightHandSide(INDArray b, long n, DataType type) {
        boolean fits = (b.rank() == 1 || b.rank() == 2) && b.size(0) == n && !b.isEmpty();
        if (!fits) {
            throw new IllegalArgumentException("expected a right-hand side [" + n + "] or [" + n
                    + ", k] with k >= 1 for a matrix [" + n + ", " + n + "], but its shape is " + shape(b));
        }
        requireSameType(b, type);
        requireFinite(b, "right-hand side");
    }

    /** Checks b [B, n] or [B, n, k] with k ≥ 1. */
    static void requireRightHandSideBatch(INDArray b, long batch, long n, DataType type) {
        boolean fits = (b.rank() == 2 || b.rank() == 3) && b.size(0) == batch && b.size(1) == n && !b.isEmpty();
        if (!fits) {
            throw new IllegalArgumentException("expected right-hand sides [" + batch + ", " + n + "] or [" + batch
                    + ", " + n + ", k] with k >= 1 for matrices [" + batch + ", " + n + ", " + n
                    + "], but their shape is " + shape(b));
        }
        requireSameType(b, type);
        requireFinite(b, "right-hand sides");
    }

    private static void requireType(INDArray a) {
        if (a.dataType() != DataType.FLOAT && a.dataType() != DataType.DOUBLE) {
            throw new IllegalArgumentException("expected data type FLOAT or DOUBLE, but it is " + a.dataType()
                    + " (shape " + shape(a) + "): castTo one of them first");
        }
    }

    private static void requireSameType(INDArray b, DataType type) {
        if (b.dataType() != type) {
            throw new IllegalArgumentException("expected a right-hand side of the matrix's data type " + type
                    + ", but it is " + b.dataType() + " (shape " + shape(b) + "): castTo(DataType." + type + ") first");
        }
    }

    /** One sum, since NaN and infinities survive in it; it may itself overflow, so only a count condemns. */
    static void requireFinite(INDArray a, String what) {
        if (Double.isFinite(a.sumNumber().doubleValue())) {
            return;
        }
        long nans = count(a, Conditions.isNan());
        long infinities = count(a, Conditions.isInfinite());
        if (nans + infinities > 0) {
            throw new LinearAlgebraException("the " + what + " " + shape(a) + " of " + a.dataType() + " contains "
                    + nans + " NaN and " + infinities
                    + " infinite values; all must be finite. Look for a division by zero or a diverged step in what"
                    + " produced it");
        }
    }

    private static long count(INDArray a, Condition condition) {
        return Nd4j.getExecutioner().exec(new MatchCondition(a, condition)).getLong(0);
    }

    /** u = 2⁻²⁴ or 2⁻⁵³. */
    static double unitRoundoff(DataType type) {
        return type == DataType.FLOAT ? 0x1p-24 : 0x1p-53;
    }

    /** 2 Σ log Lᵢᵢ in float64. */
    static double logDeterminant(INDArray lower) {
        INDArray diagonal = Diagonals.of(lower).castTo(DataType.DOUBLE);
        return 2 * Transforms.log(diagonal, true).sumNumber().doubleValue();
    }

    static NotPositiveDefiniteException notPositiveDefinite(INDArray a, int order) {
        String minor = order > 0
                ? "its leading minor of order " + order + " is not positive (diagonal element " + (order - 1) + " is "
                        + a.getDouble(order - 1, order - 1) + ")"
                : "one of its leading minors is not positive";
        return new NotPositiveDefiniteException(
                "the matrix " + shape(a) + " of " + a.dataType() + " is not positive definite: " + minor
                        + ". Add damping to its diagonal, or factorise it with a Jitter",
                order,
                -1,
                null);
    }

    static NotPositiveDefiniteException notPositiveDefinite(INDArray a, int member, int order) {
        String minor = order > 0
                ? "its leading minor of order " + order + " is not positive (diagonal element " + (order - 1) + " is "
                        + a.getDouble(member, order - 1, order - 1) + ")"
                : "one of its leading minors is not positive";
        return new NotPositiveDefiniteException(
                "member " + member + " of the batch " + shape(a) + " of " + a.dataType() + " is not positive definite: "
                        + minor + ". Add damping to its diagonal",
                order,
                member,
                null);
    }

    /** Throws if a is singular to working precision. */
    static void requireRegular(INDArray a, double reciprocalCondition) {
        double threshold = unitRoundoff(a.dataType());
        if (!(reciprocalCondition >= threshold)) {
            throw new SingularMatrixException(
                    "the matrix " + shape(a) + " of " + a.dataType()
                            + " is singular to working precision: its reciprocal condition number is about "
                            + reciprocalCondition + ", and at least " + threshold
                            + " is needed. Regularise it, or solve in float64",
                    reciprocalCondition);
        }
    }

    /** LAPACK's own failures, as opposed to the matrix's: an argument refused, or no memory for its workspace. */
    static void requireAccepted(String routine, int info) {
        if (info < 0) {
            throw new LinearAlgebraException("LAPACK " + routine + " returned info " + info
                    + ": it could not allocate memory for its workspace (-1010, -1011), or refused argument " + -info);
        }
    }

    static String shape(INDArray a) {
        return Arrays.toString(a.shape());
    }
}
