"""Exploration: many seeds of one scenario in virtual time, each audited; what fails is made as small as it can be.

====================  ============================================================================
``seeds``             ``1..200`` as people write it
``task``              what a worker is asked to play
``outcome``           what became of one seed: broken promises, or a mistake in node code
``one_seed``          from plain data to a run, an audit and an outcome, in this process
``worker``            the program of a worker process
``worker_process``    such a process, as its parent sees it
``workers``           several of them: given tasks, watched, ended
``exploration``       all seeds in order, up to the first that fails
``tally``             sums over seeds
``ddmin``             the smallest part of a list that still fails
``simpler``           the same scenario with one thing less
``shrink``            a failing scenario, made as small as it can be
``suspects``          vehicles that may suffice for it
``oracle``            asks workers which of some candidates still fails
``failing_run``       the run folders of a seed that failed
``story``             what happened in a failing run, in lines
``cut_history``       what can be read of a history that a mistake has cut
``planted``           every planted bug, each within its budget of seeds
``twice``             every seed twice, in processes that hash differently
``replay``            a run again, from its folder
====================  ============================================================================

Nothing here imports ``nodes`` when it is imported: a planted bug has to be there before.
"""
