"""Who may do what in a deployed network: at Mosquitto a user for each node, which speaks as itself and as nobody else.

A point's id is one level of its topics (``pontos/server1.centro-01/reserva``), and MQTT's wildcards stand for whole levels:
no pattern says "every point of server1". So the list names every point, and the keeper follows the nodes as they create more.

=====================  ============================================================================
``acl``                points by node to the text of Mosquitto's access control list, and back
``password_file``      passwords to the text of Mosquitto's password file
``node_keys``          a key for each node, which signs for that node only
``folder``             all of it as files, with the nodes' own passwords and others' tokens beside them
``keeper``             asks each node for its own points, for ever
``passes``             tokens for programs that cannot sign in, made anew before they expire
``retelling``          the node's part: what it says before the broker knows better, it says again
=====================  ============================================================================
"""
