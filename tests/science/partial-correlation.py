"""The reference values of partial-correlation.test.ts, by numpy, scipy and statsmodels: python partial-correlation.py"""
import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy.stats import pearsonr, rankdata, spearmanr

x = np.array([0, 0, 1.5, 0, 2, 0.5, 0, 3, 0, 1])
y = np.array([0, 1, 2, 0, 0, 1, 0.5, 4, 0, 2])
z = np.array([3, 4, 5, 2.5, 6, 4.5, 3.5, 7, 2, 5.2])
batch = np.array([0, 1, 0, 2, 1, 0, 2, 1, -1, 2])


def residuals(values, *given):
    design = sm.add_constant(np.column_stack(given), has_constant="add")
    return sm.OLS(values, design).fit().resid


known = batch >= 0
dummies = [(batch[known] == level).astype(float) for level in (1, 2)]
print("numpy", np.__version__, "scipy", scipy.__version__, "statsmodels", statsmodels.__version__)
print("xz, yz, xy", pearsonr(x, z)[0], pearsonr(y, z)[0], pearsonr(x, y)[0])
print("given z", pearsonr(residuals(x, z), residuals(y, z))[0])
rx, ry, rz = rankdata(x), rankdata(y), rankdata(z)
print("ranks given ranks of z", pearsonr(residuals(rx, rz), residuals(ry, rz))[0], "plain", spearmanr(x, y)[0])
xk, yk, zk = x[known], y[known], z[known]
print("within batch", pearsonr(residuals(xk, *dummies), residuals(yk, *dummies))[0])
print("ranks within batch", pearsonr(residuals(rankdata(xk), *dummies), residuals(rankdata(yk), *dummies))[0])
print("within batch, given z", pearsonr(residuals(xk, zk, *dummies), residuals(yk, zk, *dummies))[0])
# The same by hand: each batch's own mean taken out.
centred = lambda values: values - np.array([values[batch[known] == code].mean() for code in batch[known]])
print("by hand", np.corrcoef(centred(xk), centred(yk))[0, 1], np.corrcoef(centred(rankdata(xk)), centred(rankdata(yk)))[0, 1])
