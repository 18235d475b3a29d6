package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One output layer of a compiled network and the loss that is taken of it.
 *
 * @param head what its labels and masks look like
 * @param value the graph's value that the loss is taken of, [N, C] or, at each position, [N, C·P]
 * @param units C
 * @param loss the loss, over positions where it is taken at each
 * @param folded whether a softmax or sigmoid of a layer below has been taken into it
 * @param centres the second term of a centre loss; null for any other
 */
record NetworkOutput(LossHead head, int value, long units, LossModel loss, boolean folded, @Nullable Centres centres) {

    /**
     * The second term of a centre loss, (λ/2) ‖a − c_y‖² of what goes into the layer. The centres are constants: they
     * move by a rule of DL4J's, and not by a gradient.
     *
     * @param value a, [N, in]
     * @param width in
     * @param loss (λ/2) ‖a − c‖²
     * @param parameter c, one row a class
     */
    record Centres(int value, long width, LossModel loss, ParameterSlice parameter) {}

    /** One term of the network's loss, and the columns of the outputs that are its own. */
    record Term(int value, LossModel loss, long columns) {}

    /** The terms of its loss, in the order of their columns; 0 columns where the number of positions says how many. */
    List<Term> terms() {
        List<Term> terms = new ArrayList<>();
        terms.add(new Term(value, loss, head.eachPosition() ? 0 : units));
        if (centres != null) {
            terms.add(new Term(centres.value(), centres.loss(), centres.width()));
        }
        return terms;
    }

    /** Whether the outputs are one vector a sample, and what the layer itself takes all of its loss of. */
    boolean isOfLayer() {
        return !folded && !head.eachPosition() && centres == null;
    }

    /** The numbers that all terms are taken of, at one position. */
    long width() {
        return units + (centres == null ? 0 : centres.width());
    }

    private boolean fits(INDArray matrix) {
        return head.eachPosition() ? matrix.size(1) % units == 0 : matrix.size(1) == units;
    }

    /** That the graph has made what the loss is taken of. */
    void check(INDArray outputs) {
        if (outputs.rank() != 2 || !fits(outputs)) {
            throw new IllegalArgumentException("The network's outputs have shape " + Arrays.toString(outputs.shape())
                    + ", expected [N, " + units + (head.eachPosition() ? " × positions]" : "]"));
        }
    }

    /** What each term is compared with for one minibatch. */
    List<Targets> targets(INDArray labels, @Nullable INDArray mask, INDArray parameters) {
        INDArray matrix = head.labels(labels, units, parameters.dataType());
        if (!fits(matrix)) {
            throw new IllegalArgumentException("The labels have shape " + Arrays.toString(labels.shape())
                    + ", the network has " + units + " outputs" + (head.eachPosition() ? " at each position" : ""));
        }
        if (centres != null) {
            return withCentres(matrix, mask, centres, parameters);
        }
        LossHead.Mask own = head.mask(mask, matrix, units);
        LossModel weighted = own == null ? loss : head.weighted(loss, own);
        weighted.checkLabels(matrix);
        return List.of(new Targets(weighted.given(matrix), matrix, own == null ? null : own.weights()));
    }

    private List<Targets> withCentres(INDArray labels, @Nullable INDArray mask, Centres term, INDArray parameters) {
        if (mask != null) {
            throw new IllegalArgumentException("Layer " + head.layer().name()
                    + ": Deeplearning4j's centre loss takes a mask in one of its terms alone; train without the mask");
        }
        loss.checkLabels(labels);
        INDArray ofSamples = labels.mmul(term.parameter().of(parameters));
        return List.of(new Targets(loss.given(labels), labels, null), new Targets(term.loss(), ofSamples, null));
    }
}
