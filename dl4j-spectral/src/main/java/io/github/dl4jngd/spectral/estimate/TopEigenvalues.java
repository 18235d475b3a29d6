package io.github.dl4jngd.spectral.estimate;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The largest eigenvalues, in descending order.
 *
 * @param values λ_1 ≥ λ_2 ≥ …
 * @param residuals ‖A v_i − λ_i v_i‖/λ_1
 * @param products products with A
 * @param converged whether every residual reached the tolerance
 * @param vectors the eigenvectors as rows, [k, length]
 */
public record TopEigenvalues(
        List<Double> values, List<Double> residuals, int products, boolean converged, INDArray vectors) {

    /**
     * Copies the lists.
     *
     * @param values λ
     * @param residuals relative to λ_1
     * @param products products with A
     * @param converged whether every residual reached the tolerance
     * @param vectors the eigenvectors as rows
     */
    public TopEigenvalues {
        values = List.copyOf(values);
        residuals = List.copyOf(residuals);
    }
}
