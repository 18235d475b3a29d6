package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Levenberg–Marquardt adaptation: remembers a minibatch and its parameters, and at the next step compares the loss
 * change that really happened with the one the quadratic model predicts for the same change of parameters, ⟨r, d⟩/N +
 * ½⟨d, Hd⟩/N. Both are of the network without dropout and weight noise.
 */
final class DampingAdapter {

    /** Relative changes of a float32 loss below this are rounding. */
    private static final double RESOLUTION = 1e-6;

    private final LevenbergMarquardt adaptation;
    private final LinearizedNetwork network;
    private double damping;
    private double reductionRatio = Double.NaN;
    private long steps;

    private List<INDArray> input;
    private List<INDArray> labels;
    /** One for each output layer; null for one without. */
    private List<INDArray> masks;

    private Map<String, INDArray> layerMasks = Map.of();
    private INDArray parameters;
    private double loss;

    DampingAdapter(LevenbergMarquardt adaptation, LinearizedNetwork network, double damping) {
        this.adaptation = adaptation;
        this.network = network;
        this.damping = damping;
    }

    double damping() {
        return damping;
    }

    double reductionRatio() {
        return reductionRatio;
    }

    /** Called at the start of a step, before its minibatch is looked at. */
    void beforeStep() {
        if (input == null) {
            return;
        }
        LinearizedNetwork masked = network.masked(layerMasks);
        Targets compared = masked.targets(labels, masks);
        LossModel model = compared.loss();
        INDArray targets = compared.labels();
        Linearization before = masked.at(input, parameters);
        OutputMetric metric = model.at(before.outputs());
        INDArray change = network.parameters().sub(parameters);
        INDArray d = before.jvp(change);
        int samples = before.samples();
        double predicted = (metric.residual(targets).mul(d).sumNumber().doubleValue()
                        + 0.5 * d.mul(metric.times(d)).sumNumber().doubleValue())
                / samples;
        double actual = model.at(masked.at(input).outputs()).meanLoss(targets) - loss;
        // A change below rounding says nothing about the model.
        if (Math.abs(predicted) > RESOLUTION * Math.abs(loss)) {
            // Where the model itself expected no improvement, momentum or penalties outweigh this minibatch.
            reductionRatio = predicted < 0 ? actual / predicted : actual <= 0 ? 1 : 0;
            damping = adaptation.next(damping, reductionRatio);
        }
        input = null;
        labels = null;
        masks = null;
        layerMasks = Map.of();
        parameters = null;
    }

    /** Called at the end of a step, before the updater changes the parameters. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    void afterStep(MinibatchPoint point) {
        if (++steps % adaptation.interval() == 0) {
            try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                input = point.inputs().stream().map(INDArray::dup).toList();
                labels = point.labels().stream().map(INDArray::dup).toList();
                masks = new ArrayList<>(point.masks());
                masks.replaceAll(own -> own == null ? null : own.dup());
                layerMasks = new TreeMap<>(point.layerMasks());
                layerMasks.replaceAll((layer, own) -> own.dup());
                parameters = network.parameters().dup();
            }
            // With noise the step knows the loss of the noisy network alone.
            loss = network.isNoisy() ? lossWithoutNoise(point) : point.loss();
        }
    }

    private double lossWithoutNoise(MinibatchPoint point) {
        LinearizedNetwork masked = network.masked(point.layerMasks());
        Targets compared = masked.targets(point.labels(), point.masks());
        return compared.loss().at(masked.at(point.inputs()).outputs()).meanLoss(compared.labels());
    }

    /** Remembers by reference: arrays are replaced and never written. */
    StepPart.Undo begin() {
        double dampingBefore = damping;
        double reductionRatioBefore = reductionRatio;
        long stepsBefore = steps;
        List<INDArray> inputBefore = input;
        List<INDArray> labelsBefore = labels;
        List<INDArray> masksBefore = masks;
        Map<String, INDArray> layerMasksBefore = layerMasks;
        INDArray parametersBefore = parameters;
        double lossBefore = loss;
        return () -> {
            damping = dampingBefore;
            reductionRatio = reductionRatioBefore;
            steps = stepsBefore;
            input = inputBefore;
            labels = labelsBefore;
            masks = masksBefore;
            layerMasks = layerMasksBefore;
            parameters = parametersBefore;
            loss = lossBefore;
        };
    }

    /** The first output's name is the one that files of earlier versions have. */
    private static String ofOutput(String name, int output) {
        return output == 0 ? name : name + "/" + output;
    }

    void save(CheckpointState into) {
        into.put("damping", damping);
        into.put("reductionRatio", reductionRatio);
        into.put("steps", steps);
        into.put("loss", loss);
        if (input != null) {
            into.put("input", input);
            into.put("parameters", parameters);
            for (int i = 0; i < labels.size(); i++) {
                into.put(ofOutput("labels", i), labels.get(i));
                if (masks.get(i) != null) {
                    into.put(ofOutput("mask", i), masks.get(i));
                }
            }
            List<String> masked = List.copyOf(layerMasks.keySet());
            into.put("layerMasks", masked.stream().map(layerMasks::get).toList());
            for (int i = 0; i < masked.size(); i++) {
                into.put("maskedLayer/" + i, masked.get(i));
            }
        }
    }

    void restore(CheckpointState from) {
        damping = from.number("damping");
        reductionRatio = from.number("reductionRatio");
        steps = from.integer("steps");
        loss = from.number("loss");
        boolean pending = from.has("input");
        input = pending ? from.list("input") : null;
        labels = pending ? new ArrayList<>() : null;
        masks = pending ? new ArrayList<>() : null;
        for (int i = 0; pending && i < network.outputLayers(); i++) {
            labels.add(from.array(ofOutput("labels", i)));
            masks.add(from.has(ofOutput("mask", i)) ? from.array(ofOutput("mask", i)) : null);
        }
        parameters = pending ? from.array("parameters") : null;
        layerMasks = new TreeMap<>();
        // files of earlier versions have none
        List<INDArray> own = from.has("layerMasks") ? from.list("layerMasks") : List.of();
        for (int i = 0; i < own.size(); i++) {
            layerMasks.put(from.text("maskedLayer/" + i), own.get(i));
        }
    }
}
