"""What can be concluded from several runs. Pure: numbers in, numbers out; nothing here knows of runs or charging.

===============  ====================================================================================
``student_t``    Student's t distribution
``estimate``     a mean with its confidence interval; differences, paired and not; a pooled percentile
``warm_up``      where a run has settled: MSER-5
``histogram``    counts of values that can be merged, for percentiles of several runs together
===============  ====================================================================================
"""
